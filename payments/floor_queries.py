"""Reads of time and pay by month: what an hour paid, and what the floor asks for."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from payments.by_the_hour import pay_for, pay_of_an_hour
from payments.models import Feedback, PayFloor, TestingSession, TopUp, WorkItem
from payments.session_states import SessionState
from payments.states import FeedbackState, WorkKind
from portal.models import Cohort

if TYPE_CHECKING:
    from portal.models import User


@dataclass(kw_only=True)
class Month:
    """One artist's month in a cohort: minutes on record and pay in minor units by currency."""

    minutes: int = 0
    pay: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def months(cohort: Cohort, artist: User | None = None) -> dict[tuple[int, date], Month]:
    """By artist and first day of the month they worked in, top-ups left out.

    Time on record is that of confirmed sessions and what filed reports say was spent; what was
    taken back counts neither as time nor as pay. Waiting for a review is no work.
    """
    whose = {} if artist is None else {"artist": artist}
    found: dict[tuple[int, date], Month] = defaultdict(Month)
    sessions = TestingSession.objects.filter(
        cohort=cohort, state=SessionState.CONFIRMED, work_items__correction__isnull=True, **whose
    )
    for session in sessions.order_by():
        found[session.artist_id, month_of(session.started_at)].minutes += session.minutes
    reports = Feedback.objects.filter(
        cohort=cohort,
        state=FeedbackState.FILED,
        minutes__isnull=False,
        work_items__correction__isnull=True,
    )
    if artist is not None:
        reports = reports.filter(author=artist)
    for author, filed_at, minutes in reports.order_by().values_list(
        "author_id", "filed_at", "minutes"
    ):
        if filed_at is not None and minutes is not None:
            found[author, month_of(filed_at)].minutes += minutes
    work = (
        WorkItem.objects.filter(cohort=cohort, **whose)
        .paying()
        .exclude(Q(kind=WorkKind.TOP_UP) | Q(corrects__kind=WorkKind.TOP_UP))
        .annotate(
            # Time is counted where it was spent, and a correction where what it corrects was.
            done_at=Coalesce(
                F("session__started_at"),
                F("corrects__session__started_at"),
                F("corrects__accrued_at"),
                F("accrued_at"),
            )
        )
    )
    for person, done_at, currency, amount in work.order_by().values_list(
        "artist_id", "done_at", "currency", "amount_minor"
    ):
        found[person, month_of(done_at)].pay[currency] += amount
    return found


def month_of(moment: datetime) -> date:
    """The first day of its month in the site's time zone."""
    return timezone.localdate(moment).replace(day=1)


@dataclass(frozen=True, kw_only=True)
class Hours:
    """What an artist reads of one month in one cohort; amounts in minor units of ``currency``."""

    cohort: Cohort
    month: date
    minutes: int
    currency: str
    pay_minor: int
    topped_minor: int
    floor_minor: int
    running: bool

    @property
    def hourly_minor(self) -> int:
        """An hour's pay with the top-ups, rounded down."""
        return pay_of_an_hour(minutes=self.minutes, pay_minor=self.pay_minor + self.topped_minor)

    @property
    def lacks_minor(self) -> int:
        """What the month lacks to its floor at this moment."""
        due = pay_for(minutes=self.minutes, hour_minor=self.floor_minor)
        return max(0, due - self.pay_minor - self.topped_minor)


def hours_of(artist: User) -> list[Hours]:
    """Months with time on record, newest first."""
    found: list[Hours] = []
    this_month = timezone.localdate().replace(day=1)
    for cohort in Cohort.objects.filter(memberships__user=artist):
        floors = list(PayFloor.objects.filter(cohort=cohort))
        topped: dict[date, int] = defaultdict(int)
        for month, amount in TopUp.objects.filter(artist=artist, cohort=cohort).values_list(
            "month", "amount_minor"
        ):
            topped[month] += amount
        for (_person, month), row in months(cohort, artist).items():
            if not row.minutes:
                continue
            floor = floor_of(floors, month)
            currency = floor.currency if floor else cohort.currency
            found.append(
                Hours(
                    cohort=cohort,
                    month=month,
                    minutes=row.minutes,
                    currency=currency,
                    pay_minor=row.pay.get(currency, 0),
                    topped_minor=topped[month],
                    floor_minor=floor.amount_minor if floor else 0,
                    running=month == this_month,
                )
            )
    return sorted(found, key=lambda row: (row.month, row.cohort.pk), reverse=True)


def floor_of(floors: list[PayFloor], month: date) -> PayFloor | None:
    """The version among those of one cohort that holds for *month*."""
    begun = [floor for floor in floors if floor.effective_from <= month]
    return max(begun, key=lambda floor: (floor.effective_from, floor.version), default=None)

"""Time on record: the one place that knows which work tells how long it took."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q, Sum

from payments.models import Feedback, TestingSession, WorkItem
from payments.session_states import SessionState
from payments.states import FeedbackState

if TYPE_CHECKING:
    from portal.models import Cohort


@dataclass(frozen=True, kw_only=True)
class TimeOnRecord:
    """What one artist recorded in a cohort, and what that very work pays, in minor units."""

    artist_id: int
    minutes: int
    pay_minor: dict[str, int]


def time_on_record(cohort: Cohort) -> list[TimeOnRecord]:
    """By artist; those who recorded no time are left out."""
    timed = Feedback.objects.filter(cohort=cohort, state=FeedbackState.FILED, minutes__isnull=False)
    sessions = TestingSession.objects.filter(cohort=cohort, state=SessionState.CONFIRMED)
    minutes: Counter[int] = Counter()
    told = timed.order_by().values_list("author").annotate(total=Sum("minutes"))
    for author, total in told:
        minutes[author] += total
    for session in sessions.order_by():
        minutes[session.artist_id] += session.minutes
    pay: dict[int, dict[str, int]] = {}
    sums = (
        WorkItem.objects.filter(
            Q(feedback__in=timed.order_by().values("pk"))
            | Q(session__in=sessions.order_by().values("pk")),
            cohort=cohort,
        )
        .order_by()
        .values("artist", "currency")
        .annotate(total=Sum("amount_minor"))
    )
    for row in sums:
        pay.setdefault(row["artist"], {})[row["currency"]] = row["total"]
    return [
        TimeOnRecord(artist_id=artist, minutes=total, pay_minor=pay.get(artist, {}))
        for artist, total in minutes.items()
    ]

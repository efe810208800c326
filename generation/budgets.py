"""Budgets of GPU seconds: how much there is, how much is used, when it renews. Nothing here writes.

A week begins on Monday 00:00 in the site's time zone. GPU time counts in the week in which its
attempt began; clips that wait count now, by their estimate.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import DecimalField, OuterRef, Subquery, Sum, TextChoices
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from generation.models import Clip, GpuAccount, GpuWeek
from generation.states import ClipState
from portal.numbers import machine_time
from portal.prepared import prepared

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from portal.models import Cohort, User

_SECONDS: DecimalField[Decimal, Decimal] = DecimalField(max_digits=16, decimal_places=3)
_ZERO = Decimal(0)


class BudgetKind(TextChoices):
    """Whose budget, and for how long."""

    ARTIST_WEEK = "artist_week", _("GPU time this week")
    ARTIST = "artist", _("GPU time in all")
    COHORT_WEEK = "cohort_week", _("Everybody’s GPU time this week")
    COHORT = "cohort", _("Everybody’s GPU time in all")

    @property
    def renews(self) -> bool:
        return self in {BudgetKind.ARTIST_WEEK, BudgetKind.COHORT_WEEK}

    @property
    def is_shared(self) -> bool:
        return self in {BudgetKind.COHORT_WEEK, BudgetKind.COHORT}


@dataclass(frozen=True, kw_only=True)
class Budget:
    """GPU seconds of one artist or of a cohort, for a week or in all.

    ``limit`` is None when no budget is set. ``used`` holds what was charged, clips that render
    now included by their estimate; ``reserved`` what the waiting clips are expected to take.
    """

    kind: BudgetKind
    limit: Decimal | None
    used: Decimal
    reserved: Decimal

    @property
    def taken(self) -> Decimal:
        return self.used + self.reserved

    @property
    def left(self) -> Decimal | None:
        """None when no budget is set."""
        return None if self.limit is None else max(self.limit - self.taken, _ZERO)

    @property
    def percent_used(self) -> int:
        if not self.limit:
            return 0 if self.limit is None else 100
        return min(100, int(self.taken * 100 / self.limit))

    @property
    def taken_in_words(self) -> str:
        return machine_time(self.taken, upwards=True)

    @property
    def used_in_words(self) -> str:
        return machine_time(self.used, upwards=True)

    @property
    def left_in_words(self) -> str:
        return machine_time(self.left or _ZERO)

    @property
    def limit_in_words(self) -> str:
        return machine_time(self.limit or _ZERO)

    def admits(self, seconds: Decimal) -> bool:
        return self.limit is None or self.taken + seconds <= self.limit


@dataclass(frozen=True, kw_only=True)
class Budgets:
    """What one artist may still use in one cohort.

    ``renews_on`` is the Monday on which the week's budgets are whole again, or None when the
    cohort has ended by then.
    """

    artist_week: Budget
    artist: Budget
    cohort_week: Budget
    cohort: Budget
    renews_on: date | None

    @property
    def all(self) -> tuple[Budget, Budget, Budget, Budget]:
        return (self.artist_week, self.artist, self.cohort_week, self.cohort)

    @property
    def rows(self) -> list[Budget]:
        """What an artist reads: their own, and the cohort's where it leaves them less."""
        own = [self.artist_week, self.artist]
        lefts = [budget.left for budget in own if budget.left is not None]
        shared = [
            budget
            for budget in (self.cohort_week, self.cohort)
            if budget.left is not None and all(budget.left < left for left in lefts)
        ]
        return own + shared


def week_of(moment: datetime) -> date:
    """The Monday of the week of *moment*, in the site's time zone."""
    day = timezone.localdate(moment, timezone.get_default_timezone())
    return day - timedelta(days=day.weekday())


def this_week() -> date:
    return week_of(timezone.now())


def with_sums(
    accounts: QuerySet[GpuAccount, GpuAccount], monday: date
) -> QuerySet[GpuAccount, GpuAccount]:
    """*accounts* with ``week_seconds`` (charged since *monday*) and ``reserved_seconds``."""
    week = GpuWeek.objects.filter(account=OuterRef("pk"), monday=monday)
    waiting = (
        Clip.objects.filter(account=OuterRef("pk"), state=ClipState.QUEUED)
        .order_by()
        .values("account")
        .annotate(expected=Sum("estimate"))
    )
    return accounts.annotate(
        week_seconds=Coalesce(
            Subquery(week.values("charged_seconds")), _ZERO, output_field=_SECONDS
        ),
        reserved_seconds=Coalesce(
            Subquery(waiting.values("expected")), _ZERO, output_field=_SECONDS
        ),
    )


class Room(NamedTuple):
    """What stands beside a new wish of an artist in a cohort.

    ``waiting`` is how many of the artist's clips wait; ``is_made``, whether the wish is one whose
    clips are there already.
    """

    budgets: Budgets
    waiting: int
    is_made: bool


# Every clip that is asked for reads it, and the ORM takes ten times as long to write it as the
# database to answer it.
_ROOM = """
    SELECT coalesce(sum(week) FILTER (WHERE own), 0),
           coalesce(sum(charged_seconds) FILTER (WHERE own), 0),
           coalesce(sum(reserved) FILTER (WHERE own), 0),
           coalesce(sum(week), 0),
           coalesce(sum(charged_seconds), 0),
           coalesce(sum(reserved), 0),
           coalesce(sum(clips) FILTER (WHERE own), 0),
           EXISTS (
               SELECT FROM generation_clip
               WHERE artist_id = %(artist)s AND request_id = %(request_id)s
           )
    FROM (
        SELECT account.artist_id = %(artist)s AS own,
               account.charged_seconds,
               coalesce((
                   SELECT charged_seconds FROM generation_gpuweek
                   WHERE account_id = account.id AND monday = %(monday)s
               ), 0) AS week,
               waiting.reserved,
               waiting.clips
        FROM generation_gpuaccount account
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(estimate), 0) AS reserved, count(*) AS clips
            FROM generation_clip WHERE account_id = account.id AND state = 'queued'
        ) waiting
        WHERE account.cohort_id = %(cohort)s AND (%(shared)s OR account.artist_id = %(artist)s)
    ) accounts
"""


_SUM_NAMES = ("own_week", "own", "own_reserved", "all_week", "all", "all_reserved")


def room_of(artist: User, cohort: Cohort, *, request_id: UUID | None = None) -> Room:
    """The four budgets and the queue as they stand.

    One statement reads them all, so that a clip which a worker takes meanwhile is counted once:
    as waiting or as charged. Without a shared budget, only the artist's own account is read.
    """
    monday = this_week()
    values: dict[str, int | date | str | UUID | None] = {
        "artist": artist.pk,
        "cohort": cohort.pk,
        "monday": monday,
        "shared": cohort.has_shared_budget,
        "request_id": request_id,
    }
    [(*seconds, waiting, is_made)] = prepared(_ROOM, values)
    sums = dict(zip(_SUM_NAMES, seconds, strict=True))
    return Room(_budgets(cohort, monday, sums), int(waiting), is_made)


def budgets_of(artist: User, cohort: Cohort) -> Budgets:
    """The four budgets as they stand."""
    return room_of(artist, cohort).budgets


def _budgets(cohort: Cohort, monday: date, sums: Mapping[str, Decimal]) -> Budgets:
    next_monday = monday + timedelta(days=7)

    def budget(kind: BudgetKind, limit: int | None, used: str, reserved: str) -> Budget:
        return Budget(
            kind=kind,
            limit=None if limit is None else Decimal(limit),
            used=sums[used],
            reserved=sums[reserved],
        )

    return Budgets(
        artist_week=budget(
            BudgetKind.ARTIST_WEEK, cohort.gpu_seconds_per_artist_week, "own_week", "own_reserved"
        ),
        artist=budget(BudgetKind.ARTIST, cohort.gpu_seconds_per_artist, "own", "own_reserved"),
        cohort_week=budget(
            BudgetKind.COHORT_WEEK, cohort.gpu_seconds_of_cohort_week, "all_week", "all_reserved"
        ),
        cohort=budget(BudgetKind.COHORT, cohort.gpu_seconds_of_cohort, "all", "all_reserved"),
        renews_on=next_monday if next_monday <= cohort.ends_on else None,
    )

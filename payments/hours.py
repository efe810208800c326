"""Time on record: the one place that knows which work tells how long it took."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Sum

from payments.models import Feedback, WorkItem
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
    minutes = dict(
        timed.order_by()
        .values("author")
        .annotate(total=Sum("minutes"))
        .values_list("author", "total")
    )
    pay: dict[int, dict[str, int]] = {}
    sums = (
        WorkItem.objects.filter(cohort=cohort, feedback__in=timed.order_by().values("pk"))
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

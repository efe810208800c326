"""What a cohort's report says, read from the rows once; what it withholds is not in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import (
    Aggregate,
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    Sum,
    Value,
)
from django.db.models.functions import Now

from generation.models import GpuAccount
from payments.disclosure import FEWEST, Table, quartiles, shown
from payments.hours import TimeOnRecord, time_on_record
from payments.models import PayoutLine, WorkItem
from payments.states import RemittanceState, WorkKind, WorkState
from review.models import Decision, Review
from review.states import DECIDED, Verdict

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from portal.models import Cohort

# Where money stands, as the report has it.
STANDS = {
    WorkState.PAID: "paid",
    WorkState.IN_TRANSIT: "on_way",
    WorkState.IN_PAYOUT: "on_way",
    WorkState.OWED: "owed",
}

Basis = dict[str, dict[str, dict[int, int]]]


class Median(Aggregate):
    """The middle length of time."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


def basis_of(cohort: Cohort) -> Basis:
    """Every table behind the report: name → cell → person → amount. For nobody to read."""
    basis: Basis = {}
    sums = (
        WorkItem.objects.filter(cohort=cohort)
        .paying()
        .with_state()
        .order_by()
        .values("artist", "currency", "kind", "state")  # type: ignore[misc]  # an annotation
        .annotate(total=Sum("amount_minor"))
    )
    for row in sums:
        code, person, total = row["currency"], row["artist"], row["total"]
        kinds = basis.setdefault(f"kinds {code}", {kind.value: {} for kind in WorkKind})
        stands = basis.setdefault(f"stands {code}", {"paid": {}, "on_way": {}, "owed": {}})
        for cell in (kinds[row["kind"]], stands[STANDS[row["state"]]]):
            cell[person] = cell.get(person, 0) + total
    recorded = time_on_record(cohort)
    basis["hours"] = {"minutes": {time.artist_id: time.minutes for time in recorded}}
    declines = (
        Decision.objects.filter(review__cohort=cohort, verdict=Verdict.DECLINE)
        .order_by()
        .values("reason", "artist")
        .annotate(count=Count("pk"))
    )
    basis["declines"] = {}
    for row in declines:
        basis["declines"].setdefault(row["reason"], {})[row["artist"]] = row["count"]
    used = GpuAccount.objects.filter(cohort=cohort, charged_seconds__gt=0)
    basis["gpu"] = {
        "seconds": {account.artist_id: round(account.charged_seconds) for account in used}
    }
    return basis


def figures_of(cohort: Cohort, basis: Mapping[str, Table]) -> dict[str, Any]:
    """The report as JSON: amounts in minor units, None for what is withheld."""
    recorded = time_on_record(cohort)
    declines = shown(basis["declines"])
    codes = sorted(name.partition(" ")[2] for name in basis if name.startswith("kinds "))
    return {
        "artists": cohort.memberships.values("user").distinct().count(),
        "minutes": shown(basis["hours"]).total,
        "gpu_seconds": shown(basis["gpu"]).total,
        "money": [_money(code, basis, recorded) for code in codes],
        "owed_for": _seconds(_owed(cohort), "accrued_at", Now(), "artist"),
        "to_decision": _seconds(
            Review.objects.filter(cohort=cohort, state__in=DECIDED),
            "submitted_at",
            F("closed_at"),
            "artist",
        ),
        "to_pay": _seconds(
            PayoutLine.objects.filter(
                work__cohort=cohort,
                live=True,
                payout__remittances__artist=F("artist"),
                payout__remittances__state=RemittanceState.SETTLED,
            ),
            "work__accrued_at",
            F("payout__remittances__closed_at"),
            "artist",
        ),
        "declines": {"total": declines.total, "reasons": dict(declines.cells)},
    }


def _owed(cohort: Cohort) -> QuerySet[WorkItem]:
    return WorkItem.objects.owed().filter(cohort=cohort)


def _money(code: str, basis: Mapping[str, Table], recorded: list[TimeOnRecord]) -> dict[str, Any]:
    kinds, stands = shown(basis[f"kinds {code}"]), shown(basis[f"stands {code}"])
    hourly = quartiles(
        {
            time.artist_id: time.pay_minor[code] * 60 / time.minutes
            for time in recorded
            if time.minutes and time.pay_minor.get(code)
        }
    )
    return {
        "currency": code,
        "earned": kinds.total,
        "kinds": dict(kinds.cells),
        "stands": dict(stands.cells),
        "hourly": hourly and {"median": hourly.median, "low": hourly.low, "high": hourly.high},
    }


def _seconds(rows: QuerySet[Any], begin: str, end: Any, person: str) -> float | None:
    """The median from *begin* to *end*; None where too few people are behind it."""
    length = ExpressionWrapper(end - F(begin), output_field=DurationField())
    found = rows.order_by().aggregate(
        people=Count(person, distinct=True), median=Median(length, default=Value(timedelta(0)))
    )
    return found["median"].total_seconds() if found["people"] >= FEWEST else None

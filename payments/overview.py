"""What finance looks after: what is owed by age, and how far each cohort's budget reaches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from django.db.models import Count, Min, Q, Sum
from django.utils import timezone

from payments.models import MoneyBudget, WorkItem

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from portal.models import Cohort

# Upper ends in days; the last group has none.
AGES = (14, 30, 60)
# Over how many days the pace of a cohort is measured.
PACE_DAYS = 28


@dataclass(frozen=True, kw_only=True)
class OwedByAge:
    """What is owed in one currency, in minor units, by how long ago the work was done.

    ``groups`` has one amount for each of ``AGES`` and one for what is older.
    """

    currency: str
    artists: int
    groups: Sequence[int]
    total_minor: int
    oldest: datetime


@dataclass(frozen=True, kw_only=True)
class BudgetUse:
    """What a cohort's work costs in one currency, in minor units, and where that leads.

    ``budget_minor`` is None where none was set. ``pace_minor`` is what was earned in the last
    ``PACE_DAYS``; ``forecast_minor`` is what will have been earned on the cohort's last day if it
    goes on like that; ``reached_on`` the day on which that passes the budget.
    """

    cohort: Cohort
    currency: str
    budget_minor: int | None
    used_minor: int
    pace_minor: int
    forecast_minor: int
    reached_on: date | None

    @property
    def left_minor(self) -> int | None:
        return None if self.budget_minor is None else self.budget_minor - self.used_minor

    @property
    def exceeds(self) -> bool:
        """Whether it is, or will be, more than planned."""
        return self.budget_minor is not None and self.forecast_minor > self.budget_minor


def owed_by_age(cohorts: QuerySet[Cohort]) -> list[OwedByAge]:
    now = timezone.now()
    edges = [now, *(now - timedelta(days=days) for days in AGES), None]
    groups = {
        f"group_{number}": Sum(
            "amount_minor",
            filter=Q(accrued_at__lte=younger) & (Q() if older is None else Q(accrued_at__gt=older)),
            default=0,
        )
        for number, (younger, older) in enumerate(pairwise(edges))
    }
    rows = (
        WorkItem.objects.owed()
        .filter(cohort__in=cohorts)
        .order_by()
        .values("currency")
        .annotate(
            artists=Count("artist", distinct=True),
            total=Sum("amount_minor"),
            oldest=Min("accrued_at"),
            **groups,
        )
        .order_by("currency")
    )
    return [
        OwedByAge(
            currency=row["currency"],
            artists=row["artists"],
            groups=[row[name] for name in groups],  # type: ignore[literal-required]  # named above
            total_minor=row["total"],
            oldest=row["oldest"],
        )
        for row in rows
    ]


def budget_uses(cohorts: QuerySet[Cohort]) -> list[BudgetUse]:
    """By cohort, in its own currency and in each in which something was earned."""
    today = timezone.localdate()
    begin = timezone.now() - timedelta(days=PACE_DAYS)
    named = {cohort.pk: cohort for cohort in cohorts}
    budgets = {
        (row.cohort_id, row.currency): row.amount_minor
        for row in MoneyBudget.objects.filter(cohort__in=named).order_by("pk")
    }
    sums = {
        (row["cohort"], row["currency"]): (row["used"], row["pace"])
        for row in WorkItem.objects.filter(cohort__in=named)
        .paying()
        .order_by()
        .values("cohort", "currency")
        .annotate(
            used=Sum("amount_minor"),
            pace=Sum("amount_minor", filter=Q(accrued_at__gte=begin), default=0),
        )
    }
    own = {(cohort.pk, cohort.currency) for cohort in named.values()}
    return [
        budget_use(
            cohort,
            currency,
            budget=budgets.get((cohort.pk, currency)),
            used=used,
            pace=pace,
            today=today,
        )
        for cohort in named.values()
        for pk, currency in sorted(own | sums.keys() | budgets.keys())
        if pk == cohort.pk
        for used, pace in [sums.get((pk, currency), (0, 0))]
    ]


def budget_use(
    cohort: Cohort, currency: str, *, budget: int | None, used: int, pace: int, today: date
) -> BudgetUse:
    """Where *pace* leads from *today* to the cohort's last day; one that is over stays as it is."""
    began = max(0, (today - cohort.starts_on).days) + 1
    over = min(PACE_DAYS, began)
    left = max(0, (cohort.ends_on - today).days)
    forecast = used + max(0, pace) * left // over
    reached = None
    if budget is not None and used >= budget:
        reached = today
    elif budget is not None and forecast > budget:
        reached = today + timedelta(days=-(-(budget - used) * over // pace))
    return BudgetUse(
        cohort=cohort,
        currency=currency,
        budget_minor=budget,
        used_minor=used,
        pace_minor=pace,
        forecast_minor=forecast,
        reached_on=reached,
    )

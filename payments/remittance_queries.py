"""Reads about remittances."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, QuerySet, Sum

from payments.models import Remittance
from payments.states import RemittanceState


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Remittances of one state in one currency; the amount in minor units."""

    state: RemittanceState
    currency: str
    count: int
    total_minor: int
    oldest: datetime


def on_their_way(remittances: QuerySet[Remittance]) -> list[Standing]:
    """What is unknown and what is in transit, by currency, the unknown first."""
    sums = (
        remittances.filter(state__in=[RemittanceState.UNKNOWN, RemittanceState.SENT])
        .order_by()
        .values("state", "currency")
        .annotate(count=Count("pk"), total=Sum("amount_minor"), oldest=Min("sent_at"))
        .order_by("-state", "currency")
    )
    return [
        Standing(
            state=RemittanceState(row["state"]),
            currency=row["currency"],
            count=row["count"],
            total_minor=row["total"],
            oldest=row["oldest"],
        )
        for row in sums
    ]

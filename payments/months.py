"""What was earned and paid month by month, for the picture on the earnings page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from django.db.models import Q, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone

from payments.models import Posting, Remittance
from payments.states import AccountKind, RemittanceState

if TYPE_CHECKING:
    from portal.models import User

SHOWN = 12


@dataclass(frozen=True, kw_only=True)
class Month:
    """One month of an artist in one currency, in minor units.

    ``paid_minor`` is what arrived in it; ``owed_minor`` is what was owed, and not sent, at its end.
    """

    first: date
    earned_minor: int
    paid_minor: int
    owed_minor: int


def months_by_currency(artist: User, *, count: int = SHOWN) -> dict[str, list[Month]]:
    """The last *count* months, this one last, by currency; one with nothing in them is left out."""
    firsts = _firsts(timezone.localdate(), count)
    begin = timezone.make_aware(datetime.combine(firsts[0], time.min))
    postings = Posting.objects.filter(
        account__owner=artist, account__kind=AccountKind.LIABILITY
    ).order_by()
    owed_now = {
        row["currency"]: -row["total"]
        for row in postings.values("currency").annotate(total=Sum("amount_minor"))
    }
    booked = (
        postings.filter(entry__at__gte=begin)
        .annotate(month=TruncMonth("entry__at"))
        .values("currency", "month")
        .annotate(
            change=Sum("amount_minor"),
            moved=Sum(
                "amount_minor",
                filter=Q(entry__payout__isnull=False) | Q(entry__remittance__isnull=False),
            ),
        )
    )
    changes: dict[tuple[str, date], tuple[int, int]] = {
        (row["currency"], row["month"].date()): (-row["change"], -(row["moved"] or 0))
        for row in booked
    }
    arrived = (
        Remittance.objects.filter(
            artist=artist, state=RemittanceState.SETTLED, closed_at__gte=begin
        )
        .order_by()
        .annotate(month=TruncMonth("closed_at"))
        .values("currency", "month")
        .annotate(total=Sum("amount_minor"))
    )
    paid = {(row["currency"], row["month"].date()): row["total"] for row in arrived}
    found: dict[str, list[Month]] = {}
    for currency, owed in sorted(owed_now.items()):
        months = []
        for first in reversed(firsts):
            change, moved = changes.get((currency, first), (0, 0))
            months.append(
                Month(
                    first=first,
                    earned_minor=change - moved,
                    paid_minor=paid.get((currency, first), 0),
                    owed_minor=owed,
                )
            )
            owed -= change
        if any(month.earned_minor or month.paid_minor or month.owed_minor for month in months):
            found[currency] = months[::-1]
    return found


def _firsts(today: date, count: int) -> list[date]:
    """First days of the last *count* months, oldest first."""
    last = today.year * 12 + today.month - 1
    return [date(number // 12, number % 12 + 1, 1) for number in range(last - count + 1, last + 1)]

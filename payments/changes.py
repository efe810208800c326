"""What became different since a payout was drafted, for whoever approves or sends it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Count, Q, Sum

from payments.models import PayeeDetails, PayoutLine, WorkItem
from payments.states import PayoutState
from portal.models import User

if TYPE_CHECKING:
    from payments.models import Payout


@dataclass(frozen=True, kw_only=True)
class Change:
    """What changed for one artist of a payout, in minor units of its currency.

    ``added_minor`` and ``taken_minor`` (zero or below) are of work that is owed outside the payout;
    ``corrected`` counts the payout's own lines that were taken back. ``payee_at`` is when the
    artist last changed their payment details, if that was after the draft.
    """

    artist: User
    drafted_minor: int
    added_minor: int
    taken_minor: int
    corrected: int
    payee_at: datetime | None

    @property
    def would_be_minor(self) -> int:
        """The artist's total, were the payout drafted again."""
        return self.drafted_minor + self.added_minor + self.taken_minor


def since_draft(payout: Payout) -> list[Change]:
    """Artists of *payout* for whom something changed, by name; none once it cannot change."""
    if payout.state in {PayoutState.SENT, PayoutState.CANCELLED}:
        return []
    lines = PayoutLine.objects.filter(payout=payout).order_by().values("artist")
    drafted = dict(lines.annotate(total=Sum("amount_minor")).values_list("artist", "total"))
    owed = {
        row["artist"]: row
        for row in WorkItem.objects.owed()
        .filter(cohort=payout.cohort, currency=payout.currency, artist__in=drafted)
        .order_by()
        .values("artist")
        .annotate(
            added=Sum("amount_minor", filter=Q(amount_minor__gt=0), default=0),
            taken=Sum("amount_minor", filter=Q(amount_minor__lt=0), default=0),
            corrected=Count("pk", filter=Q(corrects__payout_lines__payout=payout)),
        )
    }
    payees = dict(
        PayeeDetails.objects.filter(
            artist__in=drafted, updated_at__gt=payout.drafted_at
        ).values_list("artist", "updated_at")
    )
    people = User.objects.filter(pk__in=owed.keys() | payees.keys())
    none = {"added": 0, "taken": 0, "corrected": 0}
    return [
        Change(
            artist=artist,
            drafted_minor=drafted[artist.pk],
            added_minor=owed.get(artist.pk, none)["added"],
            taken_minor=owed.get(artist.pk, none)["taken"],
            corrected=owed.get(artist.pk, none)["corrected"],
            payee_at=payees.get(artist.pk),
        )
        for artist in sorted(people, key=lambda person: (person.name.casefold(), person.pk))
    ]

"""Reads of payments: what is owed, to whom, and what an artist's account says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Count, Max, Min, QuerySet, Sum
from django.utils import timezone

from payments.minimums import minimum_of
from payments.models import (
    PayeeDetails,
    PayHold,
    Payout,
    PayoutLine,
    Posting,
    RateCard,
    Remittance,
    WorkItem,
)
from payments.states import AccountKind, PayoutState, RateKind, RemittanceState, WorkState

if TYPE_CHECKING:
    from payments.models.work import WorkItemQuerySet
    from portal.models import Cohort, User


@dataclass(frozen=True, kw_only=True)
class Balance:
    """One artist's money in one currency, in minor units.

    ``owed`` leaves out what is in a payout; ``paid`` is what arrived.
    """

    currency: str
    owed_minor: int
    in_payout_minor: int
    in_transit_minor: int
    paid_minor: int

    @property
    def earned_minor(self) -> int:
        return self.unpaid_minor + self.paid_minor

    @property
    def unpaid_minor(self) -> int:
        """What has not arrived, wherever it is."""
        return self.owed_minor + self.in_payout_minor + self.in_transit_minor


def balances_of(artist: User, *, cohort: Cohort | None = None) -> list[Balance]:
    """By currency, in one cohort or all; empty for somebody who never earned anything."""
    work = WorkItem.objects.filter(artist=artist)
    sums = (
        (work if cohort is None else work.filter(cohort=cohort))
        .paying()
        .with_state()
        .order_by()
        .values("currency", "state")  # type: ignore[misc]  # an annotation of with_state
        .annotate(total=Sum("amount_minor"))
    )
    table: dict[str, dict[str, int]] = {}
    for row in sums:
        table.setdefault(row["currency"], {})[row["state"]] = row["total"]
    return [
        Balance(
            currency=currency,
            owed_minor=states.get(WorkState.OWED, 0),
            in_payout_minor=states.get(WorkState.IN_PAYOUT, 0),
            in_transit_minor=states.get(WorkState.IN_TRANSIT, 0),
            paid_minor=states.get(WorkState.PAID, 0),
        )
        for currency, states in sorted(table.items())
    ]


def liability_of(artist: User, currency: str, *, before: datetime | None = None) -> int:
    """What the books say is owed to *artist* (before a moment), in minor units."""
    postings = Posting.objects.filter(
        account__owner=artist, account__kind=AccountKind.LIABILITY, currency=currency
    )
    if before is not None:
        postings = postings.filter(entry__at__lt=before)
    return -(postings.aggregate(total=Sum("amount_minor"))["total"] or 0)


def work_of(artist: User) -> WorkItemQuerySet:
    """All work of *artist* with its state, newest first, ready to be shown."""
    return (
        WorkItem.objects.filter(artist=artist)
        .with_state()
        .select_related("brief", "feedback", "session", "top_up", "rate", "cohort", "clip")
    )


@dataclass(frozen=True, kw_only=True)
class OwedBatch:
    """What could be paid out now in one cohort and currency."""

    cohort: Cohort
    currency: str
    artists: int
    total_minor: int
    oldest: datetime


def owed_batches(cohorts: QuerySet[Cohort]) -> list[OwedBatch]:
    """What is owed by cohort and currency, the longest waiting first."""
    named = {cohort.pk: cohort for cohort in cohorts}
    sums = (
        WorkItem.objects.owed()
        .filter(cohort__in=named)
        .order_by()
        .values("cohort", "currency")
        .annotate(
            artists=Count("artist", distinct=True),
            total=Sum("amount_minor"),
            oldest=Min("accrued_at"),
        )
    )
    batches = [
        OwedBatch(
            cohort=named[row["cohort"]],
            currency=row["currency"],
            artists=row["artists"],
            total_minor=row["total"],
            oldest=row["oldest"],
        )
        for row in sums
    ]
    return sorted(batches, key=lambda batch: batch.oldest)


@dataclass(frozen=True, kw_only=True)
class ArtistShare:
    """One artist's part of a payout, or of what could be one."""

    artist: User
    pieces: int
    total_minor: int
    oldest: datetime
    payee: PayeeDetails | None
    hold: PayHold | None = None
    minimum_minor: int = 0
    items: list[WorkItem] = field(default_factory=list)

    @property
    def waits(self) -> bool:
        """Whether nothing may be paid to them now: a hold, or an account that is too new."""
        return self.hold is not None or bool(self.payee and self.payee.cooling_until)

    @property
    def payable(self) -> bool:
        """Whether anything is left after what was taken off, and may be paid now."""
        return self.total_minor > 0 and not self.waits

    @property
    def below_minimum(self) -> bool:
        """Whether it is so little that a draft leaves it for the next one, unless it is ticked."""
        return 0 < self.total_minor < self.minimum_minor


def owed_shares(*, cohort: Cohort, currency: str, through: int | None = None) -> list[ArtistShare]:
    """What is owed in a cohort and currency, by artist; only work up to id *through*, if given."""
    owed = WorkItem.objects.owed().filter(cohort=cohort, currency=currency)
    if through is not None:
        owed = owed.filter(pk__lte=through)
    return _shares(owed.select_related("artist", "brief", "feedback", "session", "top_up"))


def newest_owed(*, cohort: Cohort, currency: str) -> int:
    """The highest id of owed work, 0 without any: where a draft's page was drawn."""
    owed = WorkItem.objects.owed().filter(cohort=cohort, currency=currency)
    return owed.aggregate(newest=Max("pk"))["newest"] or 0


def payout_shares(payout: Payout) -> list[ArtistShare]:
    """The lines of a payout, by artist."""
    work = WorkItem.objects.filter(payout_lines__payout=payout)
    return _shares(work.select_related("artist", "brief", "feedback", "session", "top_up"))


def _shares(work: Iterable[WorkItem]) -> list[ArtistShare]:
    by_artist: dict[User, list[WorkItem]] = {}
    for item in sorted(work, key=lambda item: item.pk):
        by_artist.setdefault(item.artist, []).append(item)
    payees = {payee.artist_id: payee for payee in PayeeDetails.objects.filter(artist__in=by_artist)}
    holds = {
        hold.person_id: hold
        for hold in PayHold.objects.filter(person__in=by_artist, lifted_at__isnull=True)
    }
    shares = [
        ArtistShare(
            artist=artist,
            pieces=len(items),
            total_minor=sum(item.amount_minor for item in items),
            oldest=min(item.accrued_at for item in items),
            payee=payees.get(artist.pk),
            hold=holds.get(artist.pk),
            minimum_minor=minimum_of(items[0].currency),
            items=items,
        )
        for artist, items in by_artist.items()
    ]
    return sorted(shares, key=lambda share: (share.artist.name.casefold(), share.artist.pk))


@dataclass(frozen=True, kw_only=True)
class Received:
    """One payout as its artist sees it; without a remittance until its file is written."""

    payout: Payout
    pieces: int
    total_minor: int
    remittance: Remittance | None


def received_by(artist: User) -> list[Received]:
    """Payouts that pay *artist*, newest first, also if the money came back; not cancelled ones."""
    sums = (
        PayoutLine.objects.filter(artist=artist)
        .exclude(payout__state=PayoutState.CANCELLED)
        .order_by()
        .values("payout")
        .annotate(pieces=Count("pk"), total=Sum("amount_minor"))
    )
    rows = {row["payout"]: row for row in sums}
    transfers = {row.payout_id: row for row in Remittance.objects.filter(artist=artist)}
    return [
        Received(
            payout=payout,
            pieces=rows[payout.pk]["pieces"],
            total_minor=rows[payout.pk]["total"],
            remittance=transfers.get(payout.pk),
        )
        for payout in Payout.objects.filter(pk__in=rows).order_by("-pk")
    ]


@dataclass(frozen=True, kw_only=True)
class RateNow:
    """The rate of one kind of work today, and what is coming."""

    kind: RateKind
    current: RateCard | None
    coming: list[RateCard]
    history: list[RateCard]


def rates_of(cohort: Cohort) -> list[RateNow]:
    """Every kind with its current rate, what is set for later, and all versions, newest first."""
    today = timezone.localdate()
    cards = list(RateCard.objects.filter(cohort=cohort).select_related("set_by"))
    current = {card.kind: card for card in RateCard.objects.filter(cohort=cohort).in_force(today)}
    return [
        RateNow(
            kind=kind,
            current=current.get(kind.value),
            coming=[card for card in cards if card.kind == kind and card.effective_from > today],
            history=[card for card in cards if card.kind == kind],
        )
        for kind in RateKind
    ]


def money_sums(cohort: Cohort) -> list[tuple[str, int, int]]:
    """(currency, owed or on its way, arrived) of a cohort, in minor units."""
    sums = (
        WorkItem.objects.filter(cohort=cohort)
        .paying()
        .order_by()
        .values("currency")
        .annotate(all=Sum("amount_minor"))
        .order_by("currency")
    )
    arrived = dict(
        Remittance.objects.filter(payout__cohort=cohort, state=RemittanceState.SETTLED)
        .order_by()
        .values("currency")
        .annotate(total=Sum("amount_minor"))
        .values_list("currency", "total")
    )
    return [
        (row["currency"], row["all"] - paid, paid)
        for row in sums
        for paid in [arrived.get(row["currency"], 0)]
    ]

"""Remittances: made with the file, sent with the payout, and answered one by one."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from payments import queries
from payments.errors import PayeeUnreadable
from payments.models import PayoutLine, Remittance
from payments.models.remittance import HOLDER_PURPOSE
from payments.remittance_errors import AlreadyAnswered, FailureUnexplained, ProofMissing
from payments.services.accrual import money_lazy
from payments.services.ledger import Leg, bank, clearing, owed_to, post_entry
from payments.states import REMITTANCE_TRANSITIONS, RemittanceState
from portal.sealing import Unreadable, seal
from portal.services import audit
from portal.services.notify import notify
from portal.services.transitions import require_step

if TYPE_CHECKING:
    from payments.models import Payout
    from portal.models import User

_ENDS = {RemittanceState.SETTLED, RemittanceState.FAILED}


@transaction.atomic
def open_for(payout: Payout) -> list[Remittance]:
    """Store what ``planned`` says.

    Raises:
        PayeeUnreadable: somebody's account cannot be opened any more.
    """
    return Remittance.objects.bulk_create(planned(payout))


def planned(payout: Payout) -> list[Remittance]:
    """One remittance for each artist of *payout*, by artist id, with the account of this moment.

    They are not stored.

    Raises:
        PayeeUnreadable: somebody's account cannot be opened any more.
    """
    earlier = _earlier_attempts(payout)
    made = []
    for share in sorted(queries.payout_shares(payout), key=lambda share: share.artist.pk):
        payee = share.payee
        row = Remittance(
            payout=payout,
            artist=share.artist,
            attempt=earlier.get(share.artist.pk, 0) + 1,
            key=uuid.uuid4().hex,
            amount_minor=share.total_minor,
            currency=payout.currency,
        )
        if payee is not None:
            row.method = payee.method
            row.holder_sealed = seal(payee.holder, purpose=HOLDER_PURPOSE)
            row.account_sealed, row.account_hint = payee.account_sealed, payee.account_hint
            _check_readable(row)
        made.append(row)
    return made


def send_all(payout: Payout) -> None:
    """Move the remittances of a payout that was just marked as sent; its entry is the payout's."""
    payout.remittances.filter(state=RemittanceState.CREATED).update(
        state=RemittanceState.SENT, sent_at=Now()
    )


def withdraw_all(payout: Payout) -> None:
    """Give up the remittances of a payout that was just cancelled."""
    payout.remittances.filter(state=RemittanceState.CREATED).update(state=RemittanceState.WITHDRAWN)


def settle(
    *, actor: User, remittance: Remittance, bank_reference: str = "", note: str = ""
) -> Remittance:
    """Say that the money arrived. Once, however often called.

    Raises:
        ProofMissing: it was unknown, and the bank's reference or the note is missing.
        AlreadyAnswered: it is said to have come back.
    """
    return _answer(
        actor=actor,
        remittance=remittance,
        to=RemittanceState.SETTLED,
        bank_reference=bank_reference,
        note=note,
    )


def fail(
    *, actor: User, remittance: Remittance, reason: str, bank_reference: str = "", note: str = ""
) -> Remittance:
    """Say that the money came back: what it paid is owed again, and the artist is told *reason*.

    Raises:
        FailureUnexplained: no reason.
        ProofMissing: it was unknown, and the bank's reference or the note is missing.
        AlreadyAnswered: it is said to have arrived.
    """
    return _answer(
        actor=actor,
        remittance=remittance,
        to=RemittanceState.FAILED,
        bank_reference=bank_reference,
        reason=reason,
        note=note,
    )


def lose_sight(*, actor: User | None, remittance: Remittance) -> Remittance:
    """Say that nobody knows what became of it. Only ``settle`` or ``fail`` with proof end that."""
    return _answer(actor=actor, remittance=remittance, to=RemittanceState.UNKNOWN)


def settle_all(*, actor: User, payout: Payout, bank_reference: str) -> int:
    """Say that every remittance of *payout* in transit arrived; unknown ones stay. How many."""
    waiting = payout.remittances.filter(state=RemittanceState.SENT).order_by("pk")
    settled = 0
    for remittance in waiting:
        try:
            settle(actor=actor, remittance=remittance, bank_reference=bank_reference)
        except (AlreadyAnswered, ProofMissing):
            # Somebody else has answered it since it was read.
            continue
        settled += 1
    return settled


def time_out() -> int:
    """Make unknown what has been in transit for longer than the setting allows. How many."""
    oldest = timezone.now() - timedelta(days=settings.TRANSIT_DAYS)
    late = Remittance.objects.filter(state=RemittanceState.SENT, sent_at__lt=oldest)
    count = 0
    for remittance in late.order_by("pk"):
        try:
            lose_sight(actor=None, remittance=remittance)
        except AlreadyAnswered:
            continue
        count += 1
    return count


@transaction.atomic
def _answer(
    *,
    actor: User | None,
    remittance: Remittance,
    to: RemittanceState,
    bank_reference: str = "",
    reason: str = "",
    note: str = "",
) -> Remittance:
    """The one door out of transit."""
    row = (
        Remittance.objects.select_for_update(of=("self",))
        .select_related("payout__cohort", "artist")
        .get(pk=remittance.pk)
    )
    before = RemittanceState(row.state)
    if before == to:
        return row
    if before in _ENDS:
        raise AlreadyAnswered()
    require_step(REMITTANCE_TRANSITIONS, before, to)
    row.state = to
    row.bank_reference = bank_reference.strip()[:64]
    row.reason, row.note = reason.strip()[:300], note.strip()[:300]
    if to == RemittanceState.FAILED and not row.reason:
        raise FailureUnexplained(field="reason")
    if to == RemittanceState.UNKNOWN:
        row.unknown_at = Now()
    else:
        if before == RemittanceState.UNKNOWN and not (row.bank_reference and row.note):
            raise ProofMissing(field="note" if row.bank_reference else "bank_reference")
        # The time of the transaction, as on the ledger's entry: a statement's sums meet to the day.
        row.closed_at, row.closed_by = Now(), actor
    row.save(
        update_fields=[
            *("state", "bank_reference", "reason", "note"),
            *("unknown_at", "closed_at", "closed_by"),
        ]
    )
    row.refresh_from_db(fields=["unknown_at", "closed_at"])
    if to == RemittanceState.SETTLED:
        _book(row, actor, Leg(account=bank(currency=row.currency), amount_minor=-row.amount_minor))
    elif to == RemittanceState.FAILED:
        _give_back(row, actor)
    audit.record(
        actor=actor,
        action=f"remittance.{to.value}",
        target=row,
        cohort=row.payout.cohort,
        before={"state": before.value},
        after={
            "state": to.value,
            "amount_minor": row.amount_minor,
            "currency": row.currency,
            "bank_reference": row.bank_reference,
        },
        reason=row.reason or row.note,
    )
    return row


def _book(row: Remittance, actor: User | None, other: Leg) -> None:
    """Out of transit, to where *other* stands."""
    post_entry(
        actor=actor,
        cause=f"remittance:{row.pk}:{row.state}",
        description=f"Payout {row.payout.reference}, remittance {row.key}",
        legs=[
            Leg(account=clearing(currency=row.currency), amount_minor=row.amount_minor),
            other,
        ],
        remittance=row,
    )


def _give_back(row: Remittance, actor: User | None) -> None:
    owed = owed_to(artist=row.artist, currency=row.currency)
    _book(row, actor, Leg(account=owed, amount_minor=-row.amount_minor))
    PayoutLine.objects.filter(payout=row.payout, artist=row.artist, live=True).update(live=False)
    notify(
        user=row.artist,
        kind="remittance.failed",
        title=gettext_lazy("%(amount)s came back to us"),
        text=gettext_lazy(
            "Our transfer of payout %(reference)s did not reach you: %(reason)s It is owed to you "
            "again and goes into the next payout. Please check your payment details."
        ),
        url=reverse("payments:payee"),
        params={
            "amount": money_lazy(row.amount_minor, row.currency),
            "reference": row.payout.reference,
            "reason": row.reason if row.reason.endswith((".", "!", "?")) else f"{row.reason}.",
        },
    )


def _earlier_attempts(payout: Payout) -> dict[int, int]:
    """By artist, how often any of the work in *payout* has set out already."""
    again = PayoutLine.objects.filter(
        work__payout_lines__payout=payout,
        payout__remittances__artist=F("artist"),
        payout__remittances__state=RemittanceState.FAILED,
    )
    return dict(
        again.order_by()
        .values("artist")
        .annotate(most=Max("payout__remittances__attempt"))
        .values_list("artist", "most")
    )


def _check_readable(row: Remittance) -> None:
    try:
        _account = row.account
    except Unreadable as error:
        raise PayeeUnreadable(
            _("The payment details of %(name)s cannot be read any more. Ask them for new ones.")
            % {"name": row.artist.name}
        ) from error

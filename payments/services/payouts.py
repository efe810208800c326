"""Payouts: drafted by one person, approved by another, exported, sent. Nothing is paid twice."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from payments import queries
from payments.errors import (
    ApproverSends,
    DrafterSends,
    NothingOwed,
    OwedChanged,
    PaysApprover,
    ReasonMissing,
    SamePerson,
)
from payments.models import Payout, PayoutExport, PayoutLine
from payments.models.payout import ALL_APART, EXPORT_PURPOSE
from payments.payee_errors import PayeeWaits
from payments.rails import rail_of
from payments.remittance_errors import RailRefuses
from payments.services import remittances
from payments.services.accrual import money_lazy
from payments.services.ledger import Leg, clearing, lock, owed_to, post_entry, work_expense
from payments.states import PAYOUT_TRANSITIONS, PayoutState, RailKind
from portal.sealing import seal
from portal.services import audit
from portal.services.notify import notify
from portal.services.transitions import require_step

if TYPE_CHECKING:
    from portal.models import Cohort, User


@transaction.atomic
def draft_payout(
    *,
    actor: User,
    cohort: Cohort,
    currency: str,
    expected: Mapping[int, int],
    through: int,
    idempotency_key: UUID,
) -> Payout:
    """Put what is owed to the chosen artists into a payout.

    Args:
        expected: artist id → the total that was shown, in minor units; exactly these are paid.
        through: highest id of work on the page; what came later waits for the next payout.
        idempotency_key: id of the form; the same form sent twice gives the same payout.

    Raises:
        PayeeWaits: somebody chosen is on hold, or their account was changed lately.
        NothingOwed: nobody was chosen, or nothing is owed to anybody.
        OwedChanged: some total is no longer the one that was shown.
    """
    # One draft at a time in a cohort and currency: the second sees what the first took.
    lock(work_expense(cohort=cohort, currency=currency))
    known = Payout.objects.filter(idempotency_key=idempotency_key).first()
    if known is not None:
        return known
    owed = queries.owed_shares(cohort=cohort, currency=currency, through=through)
    shares = [share for share in owed if share.artist.pk in expected]
    if not expected or not owed:
        raise NothingOwed()
    check_waiting(shares)
    if {share.artist.pk: share.total_minor for share in shares} != dict(expected):
        raise OwedChanged()
    if not all(share.payable for share in shares):
        raise OwedChanged()
    payout = Payout.objects.create(
        cohort=cohort,
        currency=currency,
        total_minor=sum(share.total_minor for share in shares),
        idempotency_key=idempotency_key,
        people=settings.PAYOUT_PEOPLE,
        drafted_by=actor,
    )
    PayoutLine.objects.bulk_create(
        PayoutLine(payout=payout, work=item, artist=share.artist, amount_minor=item.amount_minor)
        for share in shares
        for item in share.items
    )
    audit.record(
        actor=actor,
        action="payout.drafted",
        target=payout,
        cohort=cohort,
        after={
            "total_minor": payout.total_minor,
            "currency": currency,
            "artists": len(shares),
            "work": [item.pk for share in shares for item in share.items],
        },
    )
    return payout


def approve(*, actor: User, payout: Payout) -> Payout:
    """Approve a draft of somebody else.

    Raises:
        SamePerson: *actor* drafted it.
        PaysApprover: *actor* is one of the artists it pays.
        IllegalTransition: it is not a draft any more.
    """
    return _move(actor=actor, payout=payout, to=PayoutState.APPROVED)


def export(*, actor: User, payout: Payout, rail: RailKind = RailKind.CSV) -> Payout:
    """Make each artist's remittance with its key and write the file that carries them.

    File and keys are kept, and leave only after both are committed; later calls change nothing.

    Raises:
        PayeeWaits: somebody in it is on hold, or their account was changed lately.
        RailRefuses: *rail* cannot carry it, and why.
        PayeeUnreadable: somebody's account cannot be opened any more.
        IllegalTransition: it is not approved.
    """
    return _move(actor=actor, payout=payout, to=PayoutState.EXPORTED, rail=rail)


def mark_sent(*, actor: User, payout: Payout) -> Payout:
    """Say that the money has left: book it, and tell every artist. Once, however often called.

    Raises:
        ApproverSends: *actor* approved it.
        DrafterSends: *actor* drafted it, and three people were asked for.
        IllegalTransition: it is not exported.
    """
    return _move(actor=actor, payout=payout, to=PayoutState.SENT)


def cancel(*, actor: User, payout: Payout, reason: str = "") -> Payout:
    """Give up a payout that was not sent; its work is owed again.

    Raises:
        ReasonMissing: it was approved already and no reason is given.
        IllegalTransition: it was sent.
    """
    return _move(actor=actor, payout=payout, to=PayoutState.CANCELLED, reason=reason.strip())


@transaction.atomic
def _move(
    *,
    actor: User,
    payout: Payout,
    to: PayoutState,
    reason: str = "",
    rail: RailKind = RailKind.CSV,
) -> Payout:
    """The one door of a payout's state."""
    row = Payout.objects.select_for_update(of=("self",)).select_related("cohort").get(pk=payout.pk)
    before = PayoutState(row.state)
    if before == to:
        return row
    require_step(PAYOUT_TRANSITIONS, before, to)
    if to == PayoutState.APPROVED:
        _check_approver(row, actor)
    if to == PayoutState.SENT:
        _check_sender(row, actor)
    if to == PayoutState.CANCELLED:
        if before != PayoutState.DRAFT and not reason:
            raise ReasonMissing(field="reason")
        row.cancel_reason = reason[:300]
    setattr(row, f"{to.value}_by", actor)
    # The time of the transaction, as on the ledger's entry: a statement's sums meet to the day.
    setattr(row, f"{to.value}_at", Now())
    row.state = to
    named = ["state", f"{to.value}_by", f"{to.value}_at"]
    if to == PayoutState.CANCELLED:
        named.append("cancel_reason")
    if to == PayoutState.EXPORTED:
        row.rail = rail
        named.append("rail")
    row.save(update_fields=named)
    row.refresh_from_db(fields=[f"{to.value}_at"])
    after: dict[str, object] = {"state": to.value}
    if to == PayoutState.EXPORTED:
        after |= {"sha256": _write_export(row).sha256, "rail": rail.value}
    elif to == PayoutState.SENT:
        remittances.send_all(row)
        _book_sent(row, actor)
    elif to == PayoutState.CANCELLED:
        row.lines.filter(live=True).update(live=False)
        remittances.withdraw_all(row)
    audit.record(
        actor=actor,
        action=f"payout.{to.value}",
        target=row,
        cohort=row.cohort,
        before={"state": before.value},
        after=after,
        reason=reason,
    )
    return row


def check_waiting(shares: Sequence[queries.ArtistShare]) -> None:
    """Refuse to pay who cannot be paid now.

    Raises:
        PayeeWaits: one of *shares* is on hold, or its account was changed lately.
    """
    waiting = [share.artist.name for share in shares if share.waits]
    if waiting:
        raise PayeeWaits(
            ngettext(
                "%(names)s cannot be paid at the moment: a hold, or an account that was changed "
                "lately. Wait, or make a payout without them.",
                "These cannot be paid at the moment: %(names)s. A hold, or an account that was "
                "changed lately. Wait, or make a payout without them.",
                len(waiting),
            )
            % {"names": ", ".join(waiting[:5]) + (", …" if waiting[5:] else "")}
        )


def _check_approver(payout: Payout, actor: User) -> None:
    if payout.drafted_by_id == actor.pk:
        raise SamePerson()
    if payout.lines.filter(artist=actor).exists():
        raise PaysApprover()


def _check_sender(payout: Payout, actor: User) -> None:
    if payout.approved_by_id == actor.pk:
        raise ApproverSends()
    if payout.people == ALL_APART and payout.drafted_by_id == actor.pk:
        raise DrafterSends()


def _write_export(payout: Payout) -> PayoutExport:
    """The file of the payout's rail, in the order of the artists' ids."""
    check_waiting(queries.payout_shares(payout))
    rows = remittances.open_for(payout)
    rail = rail_of(payout.rail)
    refused = rail.refusal(payout, rows)
    if refused:
        raise RailRefuses(refused, field="rail")
    body = rail.write(payout, rows)
    return PayoutExport.objects.create(
        payout=payout,
        body_sealed=seal(body, purpose=EXPORT_PURPOSE),
        sha256=hashlib.sha256(body.encode()).hexdigest(),
        rows=len(rows),
    )


def _book_sent(payout: Payout, actor: User) -> None:
    shares = queries.payout_shares(payout)
    legs = [
        Leg(
            account=owed_to(artist=share.artist, currency=payout.currency),
            amount_minor=share.total_minor,
        )
        for share in shares
    ]
    transit = clearing(currency=payout.currency)
    post_entry(
        actor=actor,
        cause=f"payout:{payout.pk}:sent",
        description=f"Payout {payout.reference}",
        legs=[*legs, Leg(account=transit, amount_minor=-payout.total_minor)],
        payout=payout,
    )
    for share in shares:
        notify(
            user=share.artist,
            kind="payout.sent",
            title=_("%(amount)s is on its way to you"),
            text=_(
                "Payout %(reference)s for %(cohort)s was sent today. "
                "Your statement lists each piece of work it pays for."
            ),
            url=reverse("payments:payout_statement", args=[payout.pk]),
            params={
                "amount": money_lazy(share.total_minor, payout.currency),
                "reference": payout.reference,
                "cohort": payout.cohort.name,
            },
        )

"""Holds on a person's payouts: placed and lifted by finance, told to the person in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from payments.errors import ReasonMissing
from payments.models import PayHold
from payments.payee_errors import HeldAlready, OwnHold
from portal.services import audit
from portal.services.notify import notify

if TYPE_CHECKING:
    from portal.models import User


@transaction.atomic
def place(*, actor: User, person: User, reason: str) -> PayHold:
    """Pay nothing out to *person* until it is lifted; what they are owed stays owed.

    Raises:
        ReasonMissing: no reason; the person reads it.
        HeldAlready: there is one.
    """
    why = reason.strip()[:300]
    if not why:
        raise ReasonMissing(field="reason")
    try:
        with transaction.atomic():
            hold = PayHold.objects.create(person=person, reason=why, placed_by=actor)
    except IntegrityError:
        raise HeldAlready(field="person") from None
    audit.record(actor=actor, action="hold.placed", target=hold, reason=why)
    notify(
        user=person,
        kind="hold.placed",
        title=_("Payouts to you are on hold"),
        text=_("%(reason)s What you are owed stays yours and goes on growing with your work."),
        url=reverse("payments:earnings"),
        params={"reason": why if why.endswith((".", "!", "?")) else f"{why}."},
    )
    return hold


@transaction.atomic
def lift(*, actor: User, hold: PayHold) -> PayHold:
    """Let payouts to the person go on. Once, however often called.

    Raises:
        OwnHold: *actor* is the person.
    """
    row = PayHold.objects.select_for_update(of=("self",)).select_related("person").get(pk=hold.pk)
    if row.lifted_at is not None:
        return row
    if row.person_id == actor.pk:
        raise OwnHold()
    row.lifted_at, row.lifted_by = timezone.now(), actor
    row.save(update_fields=["lifted_at", "lifted_by"])
    audit.record(actor=actor, action="hold.lifted", target=row)
    notify(
        user=row.person,
        kind="hold.lifted",
        title=_("Payouts to you go on"),
        text=_("What you are owed can go into the next payout."),
        url=reverse("payments:earnings"),
    )
    return row

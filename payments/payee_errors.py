"""Named refusals about who can be paid now."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portal.errors import GreenroomError


class PayeeWaits(GreenroomError):
    code = "payee_waits"
    status = 409
    default_message = _("Somebody in this payout cannot be paid at the moment.")


class HeldAlready(GreenroomError):
    code = "held_already"
    status = 409
    default_message = _("Payouts to this person are on hold already.")


class OwnHold(GreenroomError):
    code = "own_hold"
    status = 403
    default_message = _("A hold on your own payouts is lifted by another finance admin.")

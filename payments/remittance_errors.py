"""Named refusals about remittances."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portal.errors import GreenroomError


class ProofMissing(GreenroomError):
    code = "proof_missing"
    status = 400
    default_message = _(
        "What became of this transfer is unknown. Give the reference on the bank’s statement, and "
        "say how you found out."
    )


class FailureUnexplained(GreenroomError):
    code = "failure_unexplained"
    status = 400
    default_message = _("Please say why the money came back: the artist reads it.")


class AlreadyAnswered(GreenroomError):
    code = "already_answered"
    status = 409
    default_message = _("Somebody has already said what became of this transfer.")


class RailRefuses(GreenroomError):
    code = "rail_refuses"
    status = 409
    default_message = _("This payout cannot leave that way.")

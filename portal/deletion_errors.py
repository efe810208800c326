"""What the deletion of an account is refused with."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portal.errors import GreenroomError


class DeletionUnderWay(GreenroomError):
    code = "deletion_under_way"
    status = 409
    default_message = _("The deletion of this account was asked for already.")


class RolesHeld(GreenroomError):
    """Somebody of the programme's team gives their roles back first."""

    code = "roles_held"
    status = 409
    default_message = _(
        "Whoever holds a role gives it back first: another admin of the programme takes it back."
    )


class DeletionUnexplained(GreenroomError):
    code = "deletion_unexplained"
    status = 400
    default_message = _("Say who asked for it and how: the person reads it.")


class DeletionUnconfirmed(GreenroomError):
    code = "deletion_unconfirmed"
    status = 400
    default_message = _("This is not the address of the account. Compare it sign by sign.")


class AccountEnding(GreenroomError):
    """What a person cannot begin while the deletion of their account waits."""

    code = "account_ending"
    status = 409
    default_message = _(
        "The deletion of your account was asked for, so there are no new access keys. Take it "
        "back in your settings first."
    )


class AccountDeleted(GreenroomError):
    code = "account_deleted"
    status = 409
    default_message = _("This account was deleted.")

"""Refusals about roles."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.errors import GreenroomError


class OwnRoles(GreenroomError):
    code = "own_roles"
    status = 403
    default_message = gettext_lazy(
        "Nobody changes their own roles. Ask another admin of the programme to do it."
    )


class RoleForEveryCohort(GreenroomError):
    code = "role_for_every_cohort"
    status = 400
    default_message = gettext_lazy(
        "Money and machines are the whole programme’s: give this role for every cohort."
    )


class RoleLost(GreenroomError):
    """What somebody opens who lost a role a short while ago; to strangers it does not exist."""

    code = "role_lost"
    status = 404

    def __init__(self, role: str | Promise, at: datetime) -> None:
        moment = date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT")
        super().__init__(
            _(
                "This page is not open to you. Your role “%(role)s” was taken back (%(moment)s), "
                "and nothing you sent after that was done. If it was a mistake, ask an admin."
            )
            % {"role": role, "moment": moment}
        )

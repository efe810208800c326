"""Refusals around who belongs to a cohort."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portal.errors import GreenroomError


class MembershipEnded(GreenroomError):
    """Something new was asked for by somebody who is in the cohort no more."""

    code = "membership_ended"
    status = 403
    default_message = _(
        "You are no longer a member of this cohort, so nothing new can be made in it. "
        "What you made stays yours."
    )


class EndUnexplained(GreenroomError):
    code = "end_unexplained"
    default_message = _("Please give a reason: the artist reads it.")


class NotLater(GreenroomError):
    code = "not_later"
    default_message = _("Choose a day after the one on which it ends now.")

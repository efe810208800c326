"""Named errors of invitations that were asked for or declined."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portal.errors import GreenroomError


class InvitationDeclined(GreenroomError):
    code = "invitation_declined"
    status = 410
    default_message = _("This invitation was declined. The address can be invited anew.")


class CohortClosed(GreenroomError):
    code = "cohort_closed"
    status = 409
    default_message = _("This cohort is closed; nobody is invited to it any more.")

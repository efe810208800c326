"""Named refusals about disputes."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portal.errors import GreenroomError


class DisputeSilent(GreenroomError):
    code = "dispute_silent"
    status = 400
    default_message = _("Write what it is about.")


class DisputeOver(GreenroomError):
    code = "dispute_over"
    status = 409
    default_message = _("This dispute is over. Raise another one if something is still wrong.")


class OwnDispute(GreenroomError):
    code = "own_dispute"
    status = 403
    default_message = _("Somebody else of the finance admins has to answer your own dispute.")

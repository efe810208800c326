"""Named refusals about verdicts that have not taken effect."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portal.errors import GreenroomError


class BeingDecided(GreenroomError):
    """Somebody has said a verdict that can still be undone."""

    code = "being_decided"
    status = 409
    permanent = False
    default_message = _(
        "A verdict on this clip was given a moment ago and is about to take effect."
    )


class UndoneBefore(GreenroomError):
    """The verdict was undone, or has ended otherwise: nothing is left to take effect."""

    code = "undone_before"
    status = 409
    default_message = _("This verdict was undone.")


class TooLateToUndo(GreenroomError):
    code = "too_late_to_undo"
    status = 409
    default_message = _("It has taken effect: the artist has been told, and it cannot be undone.")

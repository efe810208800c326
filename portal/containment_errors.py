"""What a containment says to whom it touches, and what it is refused with itself."""

from __future__ import annotations

from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.errors import GreenroomError


class Contained(GreenroomError):
    """Shut for a while by the programme's team; the message is in the words of who did it.

    Attributes:
        until: when it ends by itself.
    """

    code = "contained"
    status = 403
    default_message = _("The programme’s team has shut this for a while.")

    def __init__(self, message: str | Promise | None = None, *, until: datetime) -> None:
        super().__init__(message or None)
        self.until = until


class ContainmentIncomplete(GreenroomError):
    code = "containment_incomplete"
    default_message = _("Say what is to be contained, exactly one thing for this stage.")


class ContainsOneself(GreenroomError):
    code = "contains_oneself"
    status = 409
    default_message = _(
        "You cannot contain yourself. Ask another admin; your own key you can revoke."
    )


class ContainmentTimes(GreenroomError):
    code = "containment_times"
    default_message = _("Choose an end that lies ahead, at most 90 days from now.")


class ContainmentUnexplained(GreenroomError):
    code = "containment_unexplained"
    default_message = _("Please give a reason: it stands in the log.")


class ContainmentSilent(GreenroomError):
    code = "containment_silent"
    default_message = _("Please write what those touched read, in one language at least.")

"""What applying for a seat is refused with."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portal.errors import GreenroomError


class ApplicationsClosed(GreenroomError):
    code = "applications_closed"
    status = 409
    default_message = _("Nobody can apply here at the moment.")


class ApplicationUnknown(GreenroomError):
    code = "application_unknown"
    status = 404
    default_message = _(
        "This link opens nothing any more: it was not confirmed within two days, or the "
        "application was withdrawn or deleted. While applications are open you can apply again."
    )


class ApplicationTooQuick(GreenroomError):
    """A program, or a page that was open for a day."""

    code = "application_too_quick"
    default_message = _(
        "Please send it once more: the page was open for a very short or a very long time."
    )


class CallWithoutDays(GreenroomError):
    code = "call_without_days"
    default_message = _("Say from which day until which day people can apply.")


class CallDays(GreenroomError):
    code = "call_days"
    default_message = _("The last day comes before the first.")

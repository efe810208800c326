"""What asking for a takeout is refused with."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portal.errors import GreenroomError


class TakeoutUnderWay(GreenroomError):
    code = "takeout_under_way"
    status = 409
    default_message = _("Your takeout is being made already. We mail you when it is ready.")


class TakeoutTooSoon(GreenroomError):
    """One was asked for within the last day."""

    code = "takeout_too_soon"
    status = 429
    permanent = False
    default_message = _("You asked for a takeout within the last day. Ask again tomorrow.")

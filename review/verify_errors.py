"""Why a file could not be looked at."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portal.errors import GreenroomError


class FileTooLarge(GreenroomError):
    code = "file_too_large"
    status = 413
    default_message = _("That file is too large for this page. Nothing of it was read.")


class LengthMissing(GreenroomError):
    code = "length_required"
    status = 411
    default_message = _("The file was sent without saying how long it is.")


class AskedTooOften(GreenroomError):
    code = "too_often"
    status = 429
    permanent = False
    default_message = _("Many files are being looked at just now. Try again in a minute.")


class NothingToSee(GreenroomError):
    code = "nothing_to_see"
    status = 422
    default_message = _("That is no video or picture that this page can read.")

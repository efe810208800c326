"""Named errors of prompt sheets."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portal.errors import GreenroomError


class SheetTooLarge(GreenroomError):
    code = "sheet_too_large"
    status = 413
    default_message = _("A prompt sheet has at most 2 MB. Part it in two.")


class SheetTooLong(GreenroomError):
    code = "sheet_too_long"
    status = 413
    default_message = _("A prompt sheet has at most 5,000 rows. Part it in two.")


class SheetColumnsWrong(GreenroomError):
    code = "sheet_columns_wrong"
    default_message = _(
        "There is no column “prompt”. The first row names the columns: "
        "prompt, model, seconds, size, seed, title. Only prompt is needed."
    )


class SheetHasNoWork(GreenroomError):
    code = "sheet_has_no_work"
    status = 409
    default_message = _("There is no row to be made.")


class TooManySheets(GreenroomError):
    code = "too_many_sheets"
    status = 409
    default_message = _("You have 20 prompt sheets that are not done with. Delete or cancel one.")

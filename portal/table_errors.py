"""Named errors of tables that somebody brings as a file."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portal.errors import GreenroomError


class TableEmpty(GreenroomError):
    code = "table_empty"
    default_message = _("There is nothing in this file.")


class TableHasNoRows(TableEmpty):
    default_message = _("There are headings, but nothing below them.")


class TableTooLong(GreenroomError):
    code = "table_too_long"
    status = 413
    default_message = _("This table has too many rows. Part it in two.")


class TableNotText(GreenroomError):
    code = "table_not_text"
    default_message = _("This is no text. Save the table as CSV first.")


class TableEncodingMixed(GreenroomError):
    code = "table_encoding_mixed"
    default_message = _(
        "This file mixes two encodings, so that its accents would come out wrong. Save it as UTF-8."
    )


class TableUnreadable(GreenroomError):
    code = "table_unreadable"
    default_message = _("This file is no table that can be read.")


class ColumnMissing(GreenroomError):
    """The column without which the rest means nothing is not among the headings."""

    code = "column_missing"
    default_message = _("A column is missing.")


class ColumnTwice(GreenroomError):
    code = "column_twice"
    default_message = _("There are two columns of one name.")

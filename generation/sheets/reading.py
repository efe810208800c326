"""What a file of prompts may hold, and how its refusals are said."""

from __future__ import annotations

from django.utils.translation import gettext as _

from generation.sheet_errors import SheetColumnsWrong, SheetTooLarge, SheetTooLong
from portal import tables
from portal.table_errors import ColumnMissing, TableHasNoRows, TableTooLong

MOST_BYTES = 2 * 1024 * 1024
MOST_ROWS = 5_000
COLUMNS = ("prompt", "model", "seconds", "size", "seed", "title")
SHAPE = tables.Shape(
    headings={name: name for name in COLUMNS}, needed="prompt", most_rows=MOST_ROWS
)


def read(content: bytes) -> tables.Table:
    """The rows of *content*; empty ones are passed over.

    Raises:
        SheetTooLarge, SheetTooLong, SheetColumnsWrong, and what else
        :func:`portal.tables.read` refuses.
    """
    if len(content) > MOST_BYTES:
        raise SheetTooLarge(field="file")
    try:
        return tables.read(content, SHAPE)
    except TableHasNoRows as error:
        raise TableHasNoRows(
            _("There are headings, but no prompt below them."), field="file"
        ) from error
    except ColumnMissing as error:
        raise SheetColumnsWrong(field="file") from error
    except TableTooLong as error:
        raise SheetTooLong(field="file") from error

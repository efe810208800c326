"""A table that somebody brings, read as whatever it was saved as: bytes in, cells or a named
refusal out; and cells written so that a spreadsheet takes none for a formula.

Spreadsheets save CSV in many ways: with commas, semicolons or tabs, as UTF-8, as UTF-16 or in the
old Windows code page. All of these are read, and what was taken for what is said.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from portal.table_errors import (
    ColumnMissing,
    ColumnTwice,
    TableEmpty,
    TableEncodingMixed,
    TableHasNoRows,
    TableNotText,
    TableTooLong,
    TableUnreadable,
)

_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_DELIMITERS = (",", ";", "\t")
# Stands in no cell, so that a table with one column needs no quotes around its commas.
_NEVER = "\x1f"
# A letter of UTF-8 of more than one byte.
_UTF8_LETTER = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What a table may hold.

    Attributes:
        headings: what a heading may say, in small letters, and the column it names.
        needed: the column without which nothing can be read.
        most_rows: below the headings, empty ones not counted.
        parts_mixed: whether a file in two encodings is read row by row, and only the rows that are
            not UTF-8 are in trouble; otherwise it is refused whole.
    """

    headings: Mapping[str, str]
    needed: str
    most_rows: int
    parts_mixed: bool = False

    @property
    def columns(self) -> list[str]:
        return list(dict.fromkeys(self.headings.values()))


@dataclass(frozen=True, kw_only=True)
class Line:
    """One row: its *number* in the table, from 1 below the headings, and its cells by column.

    ``trouble`` says why the cells cannot be told apart, or is "".
    """

    number: int
    cells: dict[str, str]
    trouble: str = ""


@dataclass(frozen=True, kw_only=True)
class Table:
    """What a file holds, and *notes*: how it was read."""

    lines: Sequence[Line]
    notes: Sequence[str]


def read(content: bytes, shape: Shape) -> Table:
    """The rows of *content*; empty ones are passed over. Its size is for the caller to bound.

    Raises:
        TableEmpty, TableHasNoRows, TableNotText, TableEncodingMixed, ColumnMissing, ColumnTwice,
        TableUnreadable, TableTooLong
    """
    text, encoding = _text(content, shape)
    if "\0" in text:
        raise TableNotText(field="file")
    if not text.strip():
        raise TableEmpty(field="file")
    delimiter, columns, passed_over = _columns(text, shape)
    lines = list(_lines(text, delimiter, columns, shape))
    if not lines:
        raise TableHasNoRows(field="file")
    return Table(lines=lines, notes=_notes(encoding, delimiter, passed_over))


def harmless(cell: str) -> str:
    """A cell that a spreadsheet cannot take for a formula."""
    return f"'{cell}" if is_formula(cell) else cell


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet would calculate *cell* instead of showing it."""
    return cell.startswith(_FORMULAS)


def _text(content: bytes, shape: Shape) -> tuple[str, str]:
    """The text, and what it was saved as."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if content.startswith(mark):
            try:
                return content.decode(encoding), encoding.removesuffix("-sig")
            except UnicodeDecodeError as error:
                raise TableNotText(field="file") from error
    if b"\0" in content:
        return _unmarked_utf16(content), "utf-16"
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    if _UTF8_LETTER.search(content):
        if shape.parts_mixed:
            return content.decode("utf-8", "surrogateescape"), "mixed"
        raise TableEncodingMixed(field="file")
    try:
        return content.decode("cp1252"), "cp1252"
    except UnicodeDecodeError as error:
        raise TableNotText(field="file") from error


def _unmarked_utf16(content: bytes) -> str:
    """UTF-16 without its mark: in Western text every other byte is zero."""
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        zeros = content[first::2].count(0)
        if zeros * 4 > len(content) and not content[1 - first :: 2].count(0):
            try:
                return content.decode(encoding)
            except UnicodeDecodeError:
                continue
    raise TableNotText(field="file")


def _columns(text: str, shape: Shape) -> tuple[str, list[str], list[str]]:
    """The delimiter that finds the most columns, what stands above each, and those nobody knows."""
    best: tuple[str, list[str]] = (",", [])
    for delimiter in _DELIMITERS:
        try:
            first = next(_rows(text, delimiter), [])
        except TableUnreadable:
            continue
        names = [" ".join(cell.split()).casefold().replace("’", "'") for cell in first]
        if _known(names, shape) > _known(best[1], shape):
            best = (delimiter, names)
    delimiter, names = best
    columns = [shape.headings.get(name, "") for name in names]
    if shape.needed not in columns:
        raise ColumnMissing(field="file")
    twice = sorted({column for column in columns if column and columns.count(column) > 1})
    if twice:
        raise ColumnTwice(_("There are two columns “%(name)s”.") % {"name": twice[0]}, field="file")
    strange = [
        _printable(name[:40])
        for name, column in zip(names, columns, strict=True)
        if name and not column
    ]
    return (delimiter if len(names) > 1 else _NEVER), columns, strange


def _known(names: Sequence[str], shape: Shape) -> int:
    return sum(name in shape.headings for name in names)


def _lines(text: str, delimiter: str, columns: Sequence[str], shape: Shape) -> Iterator[Line]:
    rows = _rows(text, delimiter)
    next(rows)
    number = 0
    for row in rows:
        if not any(cell.strip() for cell in row):
            continue
        number += 1
        if number > shape.most_rows:
            raise TableTooLong(field="file")
        cells = dict(zip(columns, (_printable(cell.strip()) for cell in row), strict=False))
        yield Line(
            number=number,
            cells={name: cells.get(name, "") for name in shape.columns},
            trouble=_trouble(row, columns),
        )


def _trouble(row: Sequence[str], columns: Sequence[str]) -> str:
    if any(cell.strip() for cell in row[len(columns) :]):
        return _("It has more cells than there are headings. Put quotes around the text.")
    if any(cell != _printable(cell) for cell in row):
        return _("It is saved in another encoding than the rest. Save the file as UTF-8.")
    return ""


def _printable(cell: str) -> str:
    """*cell* with a mark for each byte that is not UTF-8: half a letter can be kept nowhere."""
    return re.sub("[\udc80-\udcff]", "\ufffd", cell)


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    # What comes before the headings and says nothing is passed over.
    seen = False
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise TableUnreadable(
                _("Line %(line)d cannot be read: look at its quotes.") % {"line": reader.line_num},
                field="file",
            ) from error
        seen = seen or any(cell.strip() for cell in row)
        if seen:
            yield row


def _notes(encoding: str, delimiter: str, passed_over: Sequence[str]) -> list[str]:
    notes = []
    if encoding == "cp1252":
        notes.append(
            _(
                "The file was saved in the Windows code page (cp1252). "
                "Look whether accents came out right."
            )
        )
    elif encoding == "utf-16":
        notes.append(_("The file was saved as UTF-16."))
    elif encoding == "mixed":
        notes.append(_("The file mixes two encodings; the rows that are not UTF-8 are refused."))
    if delimiter == ";":
        notes.append(_("Its columns are parted by semicolons."))
    elif delimiter == "\t":
        notes.append(_("Its columns are parted by tabs."))
    if passed_over:
        notes.append(_("Passed over: %(columns)s.") % {"columns": ", ".join(passed_over[:10])})
    return notes

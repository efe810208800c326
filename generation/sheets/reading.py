"""A file of prompts, read as whatever it was saved as: bytes in, cells or a named refusal out.

Spreadsheets save CSV in many ways: with commas, semicolons or tabs, as UTF-8, as UTF-16 or in the
old Windows code page. All of these are read, and what was taken for what is said.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from generation.sheet_errors import (
    SheetColumnsWrong,
    SheetEmpty,
    SheetEncodingMixed,
    SheetNotText,
    SheetTooLarge,
    SheetTooLong,
    SheetUnreadable,
)

MOST_BYTES = 2 * 1024 * 1024
MOST_ROWS = 5_000
COLUMNS = ("prompt", "model", "seconds", "size", "seed", "title")

_DELIMITERS = (",", ";", "\t")
# Stands in no cell, so that a sheet with one column needs no quotes around its commas.
_NEVER = "\x1f"
# A letter of UTF-8 of more than one byte.
_UTF8_LETTER = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One row: its *number* in the sheet, from 1 below the headings, and its cells by column.

    ``trouble`` says why the cells cannot be told apart, or is "".
    """

    number: int
    cells: dict[str, str]
    trouble: str = ""


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """What a file holds, and *notes*: how it was read."""

    lines: Sequence[Line]
    notes: Sequence[str]


def read(content: bytes) -> Sheet:
    """The rows of *content*; empty ones are passed over.

    Raises:
        SheetTooLarge, SheetEmpty, SheetNotText, SheetEncodingMixed, SheetColumnsWrong,
        SheetUnreadable, SheetTooLong
    """
    if len(content) > MOST_BYTES:
        raise SheetTooLarge(field="file")
    text, encoding = _text(content)
    if "\0" in text:
        raise SheetNotText(field="file")
    if not text.strip():
        raise SheetEmpty(field="file")
    delimiter, columns, passed_over = _columns(text)
    lines = list(_lines(text, delimiter, columns))
    if not lines:
        raise SheetEmpty(_("There are headings, but no prompt below them."), field="file")
    return Sheet(lines=lines, notes=_notes(encoding, delimiter, passed_over))


def _text(content: bytes) -> tuple[str, str]:
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
                raise SheetNotText(field="file") from error
    if b"\0" in content:
        return _unmarked_utf16(content), "utf-16"
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    if _UTF8_LETTER.search(content):
        raise SheetEncodingMixed(field="file")
    try:
        return content.decode("cp1252"), "cp1252"
    except UnicodeDecodeError as error:
        raise SheetNotText(field="file") from error


def _unmarked_utf16(content: bytes) -> str:
    """UTF-16 without its mark: in Western text every other byte is zero."""
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        zeros = content[first::2].count(0)
        if zeros * 4 > len(content) and not content[1 - first :: 2].count(0):
            try:
                return content.decode(encoding)
            except UnicodeDecodeError:
                continue
    raise SheetNotText(field="file")


def _columns(text: str) -> tuple[str, list[str], list[str]]:
    """The delimiter that finds the most columns, the columns, and those nobody knows."""
    best: tuple[str, list[str]] = (",", [])
    for delimiter in _DELIMITERS:
        try:
            first = next(_rows(text, delimiter), [])
        except SheetUnreadable:
            continue
        names = [" ".join(cell.split()).casefold() for cell in first]
        if sum(name in COLUMNS for name in names) > sum(name in COLUMNS for name in best[1]):
            best = (delimiter, names)
    delimiter, names = best
    if "prompt" not in names:
        raise SheetColumnsWrong(field="file")
    twice = sorted({name for name in names if name in COLUMNS and names.count(name) > 1})
    if twice:
        raise SheetColumnsWrong(
            _("There are two columns “%(name)s”.") % {"name": twice[0]}, field="file"
        )
    strange = [name[:40] for name in names if name and name not in COLUMNS]
    return (delimiter if len(names) > 1 else _NEVER), names, strange


def _lines(text: str, delimiter: str, columns: Sequence[str]) -> Iterator[Line]:
    rows = _rows(text, delimiter)
    next(rows)
    number = 0
    for row in rows:
        if not any(cell.strip() for cell in row):
            continue
        number += 1
        if number > MOST_ROWS:
            raise SheetTooLong(field="file")
        extra = row[len(columns) :]
        cells = dict(zip(columns, (cell.strip() for cell in row), strict=False))
        yield Line(
            number=number,
            cells={name: cells.get(name, "") for name in COLUMNS},
            trouble=_("It has more cells than there are headings. Put quotes around the prompt.")
            if any(cell.strip() for cell in extra)
            else "",
        )


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
            raise SheetUnreadable(
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
    if delimiter == ";":
        notes.append(_("Its columns are parted by semicolons."))
    elif delimiter == "\t":
        notes.append(_("Its columns are parted by tabs."))
    if passed_over:
        notes.append(_("Passed over: %(columns)s.") % {"columns": ", ".join(passed_over[:10])})
    return notes

"""CSV files: the same bytes for the same facts, and nothing a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

# What spreadsheets take for the beginning of a formula (OWASP, "CSV injection").
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe_cell(text: str) -> str:
    """*text*, with an apostrophe in front where a spreadsheet would read a formula."""
    return f"'{text}" if text.startswith(_RISKY) else text


def csv_text(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A CSV file after RFC 4180: comma, CRLF, quotes only where needed.

    Every cell of *rows* is made safe; pass amounts as ``Amount``, which are ours and stay as
    they are, minus sign included.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow(cell if isinstance(cell, Amount) else safe_cell(cell) for cell in row)
    return out.getvalue()


class Amount(str):
    """A number we wrote ourselves."""

    __slots__ = ()

"""The look of a document: A4, one type family, facts in two columns, the page said at its foot.

The fonts are DejaVu Sans, which has Latin, Greek, Cyrillic and more: a name is printed as its owner
writes it. A sign that they lack shows as a box. The same content gives the same bytes.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from fpdf import FPDF, XPos, YPos

# They tell of every table of a font, and of each sign that it lacks; the box on the page says that.
logging.getLogger("fontTools").setLevel(logging.WARNING)
logging.getLogger("fpdf.output").setLevel(logging.ERROR)

_FONTS = Path(__file__).parent / "fonts"
_FAMILY = "DejaVu"
# Millimetres.
_MARGIN = 22
_LABEL = 48
_ROW = 4.4
_INK, _GREY, _RULE = 20, 110, 205


@dataclass(frozen=True)
class Column:
    """One column of a table: its heading, its share of the width, and whether it holds figures."""

    label: str
    share: float
    end: bool = False


class Sheet(FPDF):
    """A document that grows from top to bottom.

    Args:
        title: of the document, printed first and kept in its properties.
        made_at: the moment it tells of, kept as its date, so that it is the same each time.
        foot: what stands at the foot of each page beside its number.
    """

    def __init__(self, *, title: str, made_at: datetime, foot: str) -> None:
        super().__init__(format="A4")
        self._foot = foot
        self.set_margin(_MARGIN)
        self.set_auto_page_break(auto=True, margin=_MARGIN + 4)
        self.add_font(_FAMILY, "", _FONTS / "DejaVuSans.ttf")
        self.add_font(_FAMILY, "B", _FONTS / "DejaVuSans-Bold.ttf")
        self.set_title(title)
        self.set_lang(get_language() or "en")
        self.set_creator("Greenroom")
        self.set_producer("Greenroom")
        self.set_creation_date(made_at)
        self.alias_nb_pages()
        self.add_page()
        self._write(title, size=20, bold=True, leading=9)
        self.ln(2)

    def footer(self) -> None:
        """Called by the library at the end of each page."""
        self.set_y(-_MARGIN + 4)
        self.set_text_color(_GREY)
        self.set_font(_FAMILY, "", 7.5)
        number = _("Page %(page)d of %(pages)s") % {"page": self.page_no(), "pages": "{nb}"}
        self.cell(self.epw - 34, 5, self._foot)
        self.cell(34, 5, number, align="R")

    def lead(self, text: str) -> None:
        """A line under the title."""
        self._write(text, size=10.5, grey=True)
        self.ln(4)

    def heading(self, text: str, *, inner: bool = False) -> None:
        """Of a part of the document; of a section of one where it is *inner*."""
        self.ln(2 if inner else 3)
        # A heading stays with what it heads.
        if self.will_page_break(24):
            self.add_page()
        self._write(text, size=10 if inner else 13, bold=True, leading=5.5 if inner else 7)
        self.ln(1 if inner else 2)

    def paragraph(self, text: str, *, small: bool = False) -> None:
        self._write(text, size=8 if small else 9.5, grey=small)
        self.ln(2)

    def facts(self, rows: list[tuple[str, str]]) -> None:
        """Labels at the left, what they say at the right; empty ones are left out."""
        for label, text in rows:
            if not text:
                continue
            if self.will_page_break(8):
                self.add_page()
            top = self.get_y()
            self._write(label, size=9, grey=True, width=_LABEL - 4)
            after_label = self.get_y()
            self.set_xy(_MARGIN + _LABEL, top)
            self._write(text, size=9.5, width=self.epw - _LABEL)
            self.set_xy(_MARGIN, max(after_label, self.get_y()) + 1)
        self.ln(2)

    def listing(self, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
        """Rows under headings that stand on each page; a row never breaks across two."""
        if not rows:
            return
        self._headings(columns)
        for row in rows:
            cells = [
                self._lines(text, width - 2)
                for text, width in zip(row, self._widths(columns), strict=True)
            ]
            height = max(map(len, cells)) * _ROW + 1.6
            if self.will_page_break(height):
                self.add_page()
                self._headings(columns)
            self._row(columns, cells, height)
        self.ln(4)

    def _widths(self, columns: Sequence[Column]) -> list[float]:
        whole = sum(column.share for column in columns)
        return [self.epw * column.share / whole for column in columns]

    def _headings(self, columns: Sequence[Column]) -> None:
        self.set_font(_FAMILY, "", 8)
        self.set_text_color(_GREY)
        self._row(columns, [[column.label] for column in columns], _ROW + 1.6)
        self.set_font(_FAMILY, "", 8.5)
        self.set_text_color(_INK)

    def _lines(self, text: str, width: float) -> list[str]:
        found = self.multi_cell(width, _ROW, text, align="L", dry_run=True, output="LINES")
        return [str(line) for line in found] or [""]  # type: ignore[union-attr]

    def _row(
        self, columns: Sequence[Column], cells: Sequence[Sequence[str]], height: float
    ) -> None:
        top, left = self.get_y(), float(_MARGIN)
        for column, lines, width in zip(columns, cells, self._widths(columns), strict=True):
            for number, line in enumerate(lines):
                self.set_xy(left, top + 0.8 + number * _ROW)
                self.cell(width, _ROW, line, align="R" if column.end else "L")
            left += width
        self.set_draw_color(_RULE)
        self.set_line_width(0.15)
        self.line(_MARGIN, top + height, _MARGIN + self.epw, top + height)
        self.set_xy(_MARGIN, top + height)

    def bytes(self) -> bytes:
        return bytes(self.output())

    def _write(
        self,
        text: str,
        *,
        size: float,
        bold: bool = False,
        grey: bool = False,
        leading: float | None = None,
        width: float = 0,
    ) -> None:
        self.set_font(_FAMILY, "B" if bold else "", size)
        self.set_text_color(_GREY if grey else _INK)
        self.multi_cell(
            width,
            leading or size * 0.53,
            text,
            align="L",
            new_x=XPos.LMARGIN,
            new_y=YPos.NEXT,
        )

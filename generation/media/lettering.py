"""Drawing text on pictures in the product's own type, which lies in two files by alphabet."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from django.conf import settings
from PIL import ImageDraw, ImageFont

_FOLDER = Path(settings.BASE_DIR) / "portal" / "static" / "portal" / "fonts"
_FILES = ("inter-latin.woff2", "inter-latin-ext.woff2")
_NOWHERE = "\U0010ffff"


class Face:
    """The typeface at one size in pixels."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._fonts = [_font(name, size) for name in _FILES]

    def length(self, text: str) -> float:
        """Width of *text* in pixels."""
        return sum(font.getlength(run) for font, run in self._runs(text))

    def draw(
        self, canvas: ImageDraw.ImageDraw, at: tuple[float, float], text: str, **style: Any
    ) -> None:
        """Draw *text* with its top left corner at *at*; *style* as in ``ImageDraw.text``."""
        left, top = at
        for font, run in self._runs(text):
            canvas.text((left, top), run, font=font, **style)
            left += font.getlength(run)

    def _runs(self, text: str) -> Iterator[tuple[ImageFont.FreeTypeFont, str]]:
        for index, letters in groupby(text, key=_file_with):
            yield self._fonts[index or 0], "".join(letters)


def printable(text: str) -> str:
    """*text* as far as it can be drawn: unknown letters lose their accents or go."""
    seen = (letter for letter in text if letter.isprintable())
    drawn = "".join(letter if _file_with(letter) is not None else _bare(letter) for letter in seen)
    return " ".join(drawn.split())


def _bare(letter: str) -> str:
    parts = unicodedata.normalize("NFKD", letter)
    return "".join(part for part in parts if _file_with(part) is not None)


@functools.lru_cache(maxsize=4096)
def _file_with(letter: str) -> int | None:
    """Which file has a glyph for *letter*; None when neither has."""
    if letter == " ":
        return 0
    for index, name in enumerate(_FILES):
        font = _font(name, 24)
        if bytes(font.getmask(letter)) != bytes(font.getmask(_NOWHERE)):
            return index
    return None


@functools.lru_cache(maxsize=64)
def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(_FOLDER / name), size)

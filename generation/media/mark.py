"""The mark that everyone can see: whose clip this is, and that it is not released."""

from __future__ import annotations

import functools
import math

import numpy as np
from django.utils import translation
from django.utils.translation import gettext as _
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from generation.media.lettering import Face, printable

_BAND = (0, 0, 0, 150)
_INK = (255, 255, 255, 235)
# Diagonal lines across the picture: faint, so that it can be judged, and everywhere, so that a
# crop does not remove them.
_SLOPE = math.radians(28)
_FAINT = (255, 255, 255, 42)
_FAINT_EDGE = (0, 0, 0, 46)
_SMALLEST = 12


def mark_text(*, artist: str, short_id: str, language: str) -> str:
    """What the mark says; a name in letters the mark cannot draw leaves the clip's id."""
    with translation.override(language):
        parts = (printable(artist), short_id, _("not for release"))
    return " · ".join(part for part in parts if part)


@functools.lru_cache(maxsize=8)
def overlay(*, width: int, height: int, text: str) -> Image.Image:
    """A transparent picture of *width* × *height* that carries *text*."""
    picture = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    _draw_diagonals(picture, text)
    draw = ImageDraw.Draw(picture)
    lines, face = _fitted(text, width=width * 0.94, size=max(_SMALLEST, round(height * 0.04)))
    line_height = face.size * 1.3
    band = int(line_height * len(lines) + face.size * 0.6)
    draw.rectangle((0, height - band, width, height), fill=_BAND)
    top = height - band + face.size * 0.3
    for line in lines:
        face.draw(draw, ((width - face.length(line)) / 2, top), line, fill=_INK)
        top += line_height
    return picture


def apply(frame: NDArray[np.uint8], mark: Image.Image) -> NDArray[np.uint8]:
    """*frame* (height, width, 3) with *mark* laid over it."""
    picture = Image.fromarray(frame).convert("RGBA")
    picture.alpha_composite(mark)
    return np.asarray(picture.convert("RGB"))


def _fitted(text: str, *, width: float, size: int) -> tuple[list[str], Face]:
    """*text* on one line, or on two when one would be too small to read."""
    length = Face(size).length(text)
    if length <= width:
        return [text], Face(size)
    shrunk = int(size * width / length)
    if shrunk >= _SMALLEST:
        return [text], Face(shrunk)
    name, _separator, rest = text.partition(" · ")
    lines = [line for line in (name, rest) if line]
    widest = max(Face(size).length(line) for line in lines)
    return lines, Face(max(8, min(size, int(size * width / widest))))


def _draw_diagonals(picture: Image.Image, text: str) -> None:
    width, height = picture.size
    across, up = math.cos(_SLOPE), math.sin(_SLOPE)
    # What the picture covers of a sheet of level lines when it lies slanted on it.
    sheet = _lines(
        math.ceil(width * across + height * up),
        math.ceil(width * up + height * across),
        text,
        size=max(11, round(min(width, height) * 0.045)),
    )
    turned = sheet.transform(
        (width, height),
        Image.Transform.AFFINE,
        (
            *(across, -up, (sheet.width - width * across + height * up) / 2),
            *(up, across, (sheet.height - width * up - height * across) / 2),
        ),
        resample=Image.Resampling.BICUBIC,
    )
    picture.alpha_composite(turned)


def _lines(width: int, height: int, text: str, *, size: int) -> Image.Image:
    """A sheet full of *text*, drawn once and laid down again and again."""
    face = Face(size)
    stroke = max(1, round(size / 14))
    gap = math.ceil(face.length(text) + size * 3)
    one = Image.new("RGBA", (gap, size * 2), (0, 0, 0, 0))
    face.draw(
        ImageDraw.Draw(one),
        (stroke, stroke),
        text,
        fill=_FAINT,
        stroke_width=stroke,
        stroke_fill=_FAINT_EDGE,
    )
    sheet = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    for row, top in enumerate(range(0, height, size * 5)):
        for left in range(-(gap // 2) * (row % 2), width, gap):
            sheet.paste(one, (left, top))
    return sheet

"""The eight subjects as paper cut-outs, drawn once at a large size and scaled down by area."""

import functools
import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
Points = list[tuple[float, float]]

SHEET = 384
MASTER = 192
INNER = 160

RGB: dict[str, Colour] = {
    "red": (222, 38, 44),
    "orange": (246, 128, 16),
    "yellow": (252, 214, 36),
    "green": (34, 160, 72),
    "blue": (36, 92, 222),
    "purple": (126, 52, 184),
    "pink": (246, 112, 178),
    "white": (244, 244, 246),
}
PAPER: Colour = (255, 251, 240)
INK: Colour = (40, 40, 56)
GLASS: Colour = (196, 228, 240)


def mix(a: Colour, b: Colour, part: float) -> Colour:
    """Colour between a (part 0) and b (part 1)."""
    return (
        round(a[0] + (b[0] - a[0]) * part),
        round(a[1] + (b[1] - a[1]) * part),
        round(a[2] + (b[2] - a[2]) * part),
    )


class Sheet:
    """A square transparent sheet addressed in units 0–1."""

    def __init__(self) -> None:
        self.image = Image.new("RGBA", (SHEET, SHEET))
        self.draw = ImageDraw.Draw(self.image)

    def at(self, x: float, y: float) -> tuple[float, float]:
        inner = INNER * SHEET / MASTER
        margin = (SHEET - inner) / 2
        return (margin + x * inner, margin + y * inner)

    def polygon(self, points: Points, fill: Colour) -> None:
        self.draw.polygon([self.at(x, y) for x, y in points], fill=fill)

    def ellipse(self, x: float, y: float, rx: float, ry: float, fill: Colour) -> None:
        self.draw.ellipse((*self.at(x - rx, y - ry), *self.at(x + rx, y + ry)), fill=fill)

    def box(
        self, x0: float, y0: float, x1: float, y1: float, fill: Colour, round_: float = 0.0
    ) -> None:
        self.draw.rounded_rectangle(
            (*self.at(x0, y0), *self.at(x1, y1)), radius=round_ * INNER * SHEET / MASTER, fill=fill
        )


def _boat(s: Sheet, base: Colour, dark: Colour, light: Colour) -> None:
    s.box(0.475, 0.02, 0.515, 0.72, INK)
    s.polygon([(0.53, 0.05), (0.96, 0.62), (0.53, 0.62)], base)
    s.polygon([(0.46, 0.16), (0.46, 0.62), (0.12, 0.62)], light)
    s.polygon([(0.0, 0.68), (1.0, 0.68), (0.84, 0.97), (0.16, 0.97)], base)
    s.polygon([(0.0, 0.68), (1.0, 0.68), (0.96, 0.755), (0.04, 0.755)], dark)


def _balloon(s: Sheet, base: Colour, dark: Colour, light: Colour) -> None:
    s.polygon([(0.24, 0.58), (0.76, 0.58), (0.585, 0.82), (0.415, 0.82)], dark)
    s.ellipse(0.5, 0.37, 0.39, 0.37, base)
    s.ellipse(0.5, 0.37, 0.23, 0.37, light)
    s.ellipse(0.5, 0.37, 0.11, 0.37, base)
    s.box(0.4, 0.82, 0.6, 1.0, (132, 84, 48), 0.03)


def _bird(s: Sheet, base: Colour, dark: Colour, light: Colour) -> None:
    s.polygon([(0.28, 0.52), (0.0, 0.3), (0.02, 0.56), (0.2, 0.68)], dark)
    s.ellipse(0.47, 0.6, 0.3, 0.2, base)
    s.ellipse(0.74, 0.44, 0.165, 0.16, base)
    s.polygon([(0.87, 0.38), (1.0, 0.46), (0.87, 0.52)], (250, 170, 40))
    s.polygon([(0.3, 0.58), (0.62, 0.56), (0.5, 0.3), (0.3, 0.06), (0.22, 0.3)], dark)
    s.polygon([(0.36, 0.54), (0.56, 0.53), (0.46, 0.34), (0.34, 0.2), (0.31, 0.34)], light)
    s.ellipse(0.78, 0.4, 0.04, 0.04, INK)
    s.box(0.42, 0.78, 0.455, 0.93, INK)
    s.box(0.54, 0.78, 0.575, 0.93, INK)


def _car(s: Sheet, base: Colour, dark: Colour, light: Colour) -> None:
    s.polygon([(0.2, 0.5), (0.32, 0.24), (0.68, 0.24), (0.84, 0.5)], base)
    s.polygon([(0.28, 0.48), (0.36, 0.3), (0.49, 0.3), (0.49, 0.48)], GLASS)
    s.polygon([(0.54, 0.48), (0.54, 0.3), (0.65, 0.3), (0.75, 0.48)], GLASS)
    s.box(0.0, 0.46, 1.0, 0.76, base, 0.09)
    s.box(0.0, 0.63, 1.0, 0.76, dark, 0.06)
    for x in (0.24, 0.76):
        s.ellipse(x, 0.77, 0.135, 0.135, INK)
        s.ellipse(x, 0.77, 0.06, 0.06, (206, 208, 214))
    s.ellipse(0.94, 0.56, 0.04, 0.04, (255, 244, 190))


def _cat(s: Sheet, base: Colour, dark: Colour, light: Colour) -> None:
    s.polygon(
        [
            (0.2, 0.95),
            (0.02, 0.9),
            (0.02, 0.6),
            (0.1, 0.48),
            (0.15, 0.52),
            (0.12, 0.66),
            (0.28, 0.84),
        ],
        dark,
    )
    s.ellipse(0.47, 0.8, 0.3, 0.2, base)
    s.polygon([(0.3, 0.95), (0.38, 0.5), (0.72, 0.5), (0.76, 1.0), (0.34, 1.0)], base)
    s.polygon([(0.34, 0.34), (0.34, 0.0), (0.58, 0.14)], base)
    s.polygon([(0.88, 0.34), (0.9, 0.0), (0.64, 0.14)], base)
    s.polygon([(0.39, 0.22), (0.39, 0.1), (0.49, 0.16)], dark)
    s.polygon([(0.84, 0.22), (0.85, 0.1), (0.74, 0.16)], dark)
    s.ellipse(0.62, 0.34, 0.29, 0.235, base)
    s.ellipse(0.58, 0.84, 0.1, 0.16, light)
    s.ellipse(0.52, 0.31, 0.045, 0.055, INK)
    s.ellipse(0.74, 0.31, 0.045, 0.055, INK)
    s.ellipse(0.63, 0.44, 0.1, 0.07, light)
    s.polygon([(0.595, 0.395), (0.665, 0.395), (0.63, 0.44)], INK)


def _house(s: Sheet, base: Colour, dark: Colour, light: Colour) -> None:
    s.box(0.7, 0.08, 0.82, 0.4, dark)
    s.box(0.12, 0.44, 0.88, 1.0, base)
    s.polygon([(0.5, 0.0), (1.0, 0.48), (0.0, 0.48)], dark)
    s.box(0.41, 0.64, 0.59, 1.0, INK, 0.02)
    for x in (0.19, 0.67):
        s.box(x, 0.58, x + 0.15, 0.74, (255, 240, 176), 0.01)


def _rocket(s: Sheet, base: Colour, dark: Colour, light: Colour) -> None:
    s.polygon([(0.4, 0.82), (0.6, 0.82), (0.5, 1.0)], (255, 196, 60))
    s.polygon([(0.34, 0.54), (0.14, 0.86), (0.36, 0.8)], dark)
    s.polygon([(0.66, 0.54), (0.86, 0.86), (0.64, 0.8)], dark)
    right = [
        (0.5 + 0.185 * math.sin(math.pi * (0.12 + 0.62 * y)) * min(1, y * 3.2) ** 0.7, y * 0.84)
        for y in (i / 24 for i in range(25))
    ]
    s.polygon([*right, *[(1 - x, y) for x, y in reversed(right)]], base)
    tip = [(x, y) for x, y in right if y <= 0.22]
    s.polygon([*tip, *[(1 - x, y) for x, y in reversed(tip)]], dark)
    s.ellipse(0.5, 0.4, 0.115, 0.115, PAPER)
    s.ellipse(0.5, 0.4, 0.08, 0.08, (70, 130, 170))


def _star(s: Sheet, base: Colour, dark: Colour, light: Colour) -> None:
    def ring(outer: float, inner: float) -> Points:
        return [
            (0.5 + math.sin(i * math.pi / 5) * reach, 0.53 - math.cos(i * math.pi / 5) * reach)
            for i, reach in enumerate((outer, inner) * 5)
        ]  # fmt: skip

    s.polygon(ring(0.52, 0.235), dark)
    s.polygon(ring(0.43, 0.195), base)


DRAWERS = {
    "boat": _boat,
    "balloon": _balloon,
    "bird": _bird,
    "car": _car,
    "cat": _cat,
    "house": _house,
    "rocket": _rocket,
    "star": _star,
}


@functools.lru_cache(maxsize=256)
def cut_out(subject: str, colour: str, flipped: bool) -> Image.Image:
    """Premultiplied ("RGBa") square of MASTER pixels with a thin paper edge around the shape."""
    base = RGB[colour]
    white = colour == "white"
    dark = mix(base, (70, 74, 110), 0.3) if white else mix(base, (24, 16, 40), 0.3)
    light = mix(base, (150, 160, 190), 0.16) if white else mix(base, PAPER, 0.38)
    sheet = Sheet()
    DRAWERS[subject](sheet, base, dark, light)
    shape = (
        sheet.image.getchannel("A")
        .filter(ImageFilter.GaussianBlur(6))
        .point(lambda a: min(255, max(0, (a - 14) * 12)))
    )
    edge = Image.new("RGBA", shape.size, (*(INK if white else PAPER), 0))
    edge.putalpha(shape)
    edge.alpha_composite(sheet.image)
    if flipped:
        edge = edge.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return edge.convert("RGBa").reduce(SHEET // MASTER)


def stamp(master: Image.Image, frame: np.ndarray, x: float, y: float, size: float) -> None:
    """Lay the cut-out, `size` pixels wide, centred at (x, y), onto a uint8 frame (h, w, 3)."""
    height, width = frame.shape[:2]
    scale = MASTER / (size * MASTER / INNER)
    half = size * MASTER / INNER / 2
    x0, y0 = max(0, math.ceil(x - half)), max(0, math.ceil(y - half))
    x1, y1 = min(width, math.floor(x + half)), min(height, math.floor(y + half))
    if x1 <= x0 or y1 <= y0:
        return
    box = (
        (x0 - x + half) * scale,
        (y0 - y + half) * scale,
        (x1 - x + half) * scale,
        (y1 - y + half) * scale,
    )
    bounded = (
        max(0.0, box[0]),
        max(0.0, box[1]),
        min(float(MASTER), box[2]),
        min(float(MASTER), box[3]),
    )
    patch = np.asarray(
        master.resize((x1 - x0, y1 - y0), Image.Resampling.HAMMING, box=bounded), dtype=np.uint16
    )
    under = frame[y0:y1, x0:x1].astype(np.uint16)
    frame[y0:y1, x0:x1] = np.minimum(
        255, patch[..., :3] + (under * (255 - patch[..., 3:]) + 127) // 255
    )

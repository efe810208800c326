"""Six places at three times of day, painted at four times the size and reduced."""

import functools
import math
import random
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from generation.starter.subjects import Colour, Points, mix

SIZE = 128
OVER = 4
LAYOUTS = 12

SKY: dict[str, tuple[Colour, Colour, Colour]] = {
    "day": ((74, 148, 224), (140, 196, 240), (220, 240, 250)),
    "sunset": ((72, 58, 128), (226, 104, 96), (255, 206, 130)),
    "night": ((8, 12, 38), (22, 30, 74), (52, 66, 120)),
}
TINT: dict[str, tuple[float, float, float]] = {
    "day": (1.0, 1.0, 1.0),
    "sunset": (0.98, 0.7, 0.64),
    "night": (0.36, 0.42, 0.64),
}
STARS = (
    (9, 12),
    (26, 30),
    (41, 7),
    (57, 22),
    (70, 10),
    (84, 33),
    (97, 6),
    (112, 24),
    (121, 44),
    (16, 48),
    (48, 42),
)


class Canvas:
    """An RGB picture of SIZE × SIZE units, painted in the light of one time of day."""

    def __init__(self, time: str, rng: random.Random) -> None:
        self.time = time
        self.rng = rng
        self.image = _gradient(SKY[time])
        self.draw = ImageDraw.Draw(self.image)
        self.horizon = 80.0
        self.sun_x = 0.0

    def lit(self, colour: Colour) -> Colour:
        """A daylight colour as it looks at this time."""
        r, g, b = (round(c * t) for c, t in zip(colour, TINT[self.time], strict=True))
        return (r, g, b)

    def polygon(self, points: Points, colour: Colour) -> None:
        self.draw.polygon([(x * OVER, y * OVER) for x, y in points], fill=colour)

    def ellipse(self, x: float, y: float, rx: float, ry: float, colour: Colour) -> None:
        self.draw.ellipse(
            ((x - rx) * OVER, (y - ry) * OVER, (x + rx) * OVER, (y + ry) * OVER), fill=colour
        )

    def box(self, x0: float, y0: float, x1: float, y1: float, colour: Colour) -> None:
        self.draw.rectangle((x0 * OVER, y0 * OVER, x1 * OVER - 1, y1 * OVER - 1), fill=colour)

    def ground(self, top: Callable[[float], float], far: Colour, near: Colour) -> None:
        """Fill from the curve `top` to the bottom edge with a gradient, lit for the hour."""
        xs = range(0, SIZE + 1, 2)
        curve = [(float(x), top(float(x))) for x in xs]
        mask = Image.new("L", self.image.size)
        points = [(x * OVER, y * OVER) for x, y in curve]
        ImageDraw.Draw(mask).polygon(
            [*points, (SIZE * OVER, SIZE * OVER), (0, SIZE * OVER)], fill=255
        )
        start = max(0, int(min(y for _, y in curve)))
        fill = _gradient((self.lit(far), self.lit(near)), start)
        self.image.paste(fill, (0, 0), mask)


def _gradient(stops: tuple[Colour, ...], start: int = 0) -> Image.Image:
    """Vertical gradient through evenly spaced stops; the first also fills `start` units above."""
    rows = np.clip((np.arange(SIZE * OVER) / OVER - start) / (SIZE - start), 0, 1) * (
        len(stops) - 1
    )
    table = np.array(stops, dtype=np.float64)
    low = np.minimum(rows.astype(int), len(stops) - 2)
    part = (rows - low)[:, None]
    column = (table[low] * (1 - part) + table[low + 1] * part).astype(np.uint8)
    strip = Image.fromarray(np.ascontiguousarray(column[:, None]))
    return strip.resize((SIZE * OVER, SIZE * OVER), Image.Resampling.NEAREST)


def _light(c: Canvas) -> None:
    """Sun, low sun or moon with stars."""
    c.sun_x = c.rng.choice((26.0, 102.0)) + c.rng.uniform(-6, 6)
    if c.time == "day":
        y = 22 + c.rng.uniform(-4, 4)
        c.ellipse(c.sun_x, y, 13, 13, (176, 216, 240))
        c.ellipse(c.sun_x, y, 9, 9, (255, 246, 200))
        for x, h in ((128 - c.sun_x, 20), (c.rng.uniform(54, 74), 34)):
            for dx, r in ((-9, 4.5), (-2, 6.5), (6, 5.0)):
                c.ellipse(x + dx, h - r / 2, r, r, (246, 250, 253))
            c.box(x - 13, h - 1, x + 11, h + 2, (246, 250, 253))
    elif c.time == "sunset":
        y = c.horizon - 8 + c.rng.uniform(-4, 2)
        c.ellipse(c.sun_x, y, 21, 21, (250, 172, 112))
        c.ellipse(c.sun_x, y, 14, 14, (255, 232, 160))
    else:
        for x, y in STARS:
            c.ellipse(x, y, 0.9, 0.9, (214, 220, 246))
        y = 22 + c.rng.uniform(-4, 4)
        c.ellipse(c.sun_x, y, 14, 14, (36, 46, 92))
        c.ellipse(c.sun_x, y, 9.5, 9.5, (238, 238, 216))
        c.ellipse(c.sun_x + 3, y - 2, 2.2, 2.2, (206, 206, 190))
        c.ellipse(c.sun_x - 3, y + 3, 1.6, 1.6, (206, 206, 190))


def _wave(base: float, height: float, length: float, phase: float) -> Callable[[float], float]:
    return lambda x: base - height * math.sin((x / length + phase) * 2 * math.pi)


def _sea(c: Canvas) -> None:
    c.horizon = 74 + c.rng.uniform(-5, 5)
    _light(c)
    isle = c.rng.uniform(44, 84)
    c.polygon(
        [
            (isle - 20, c.horizon),
            (isle - 8, c.horizon - 7),
            (isle + 2, c.horizon - 4),
            (isle + 17, c.horizon),
        ],
        c.lit((92, 132, 150)),
    )
    c.ground(lambda x: c.horizon, (52, 154, 190), (14, 70, 128))
    shine = {"day": (150, 214, 232), "sunset": (255, 196, 128), "night": (150, 160, 190)}[c.time]
    for i in range(6):
        y = c.horizon + 3 + i * i * 0.9 + i * 3
        half = 5 + i * 2.5
        c.box(c.sun_x - half, y, c.sun_x + half, y + 1 + i * 0.25, shine)
    phase = c.rng.random()
    for i in range(3):
        y = c.horizon + 15 + i * 14
        c.ground(
            _wave(y, 1.6 + i * 0.5, 26 + i * 8, phase + i * 0.4),
            (34 - i * 6, 122 - i * 24, 172 - i * 18),
            (14, 66, 124),
        )
    # The glitter lies over the nearest waves too.
    for i in range(2, 5):
        y = c.horizon + 4 + i * 10
        c.box(c.sun_x - 4 - i * 2, y, c.sun_x + 4 + i * 2, y + 1.4, shine)


def _desert(c: Canvas) -> None:
    c.horizon = 78 + c.rng.uniform(-5, 5)
    _light(c)
    phase = c.rng.random()
    c.ground(_wave(c.horizon, 7, 92, phase), (238, 196, 128), (226, 172, 98))
    c.ground(_wave(c.horizon + 14, 7, 110, phase + 0.45), (246, 210, 138), (222, 164, 88))
    c.ground(_wave(c.horizon + 31, 6, 130, phase + 0.1), (232, 184, 110), (196, 134, 66))
    for x, y, k in (
        (c.rng.uniform(8, 26), c.horizon + 22, 1.0),
        (c.rng.uniform(100, 120), c.horizon + 9, 0.7),
    ):
        green = c.lit((62, 122, 74))
        c.ellipse(x, y - 24 * k, 3.6 * k, 3.6 * k, green)
        c.box(x - 3.6 * k, y - 24 * k, x + 3.6 * k, y, green)
        for side, lift in ((-1, 8), (1, 12)):
            c.box(
                min(x, x + side * 9 * k),
                y - lift * k - 2.2 * k,
                max(x, x + side * 9 * k),
                y - lift * k + 2.2 * k,
                green,
            )
            ax = x + side * 9 * k
            c.box(ax - 2.2 * k, y - (lift + 9) * k, ax + 2.2 * k, y - (lift - 2.2) * k, green)
            c.ellipse(ax, y - (lift + 9) * k, 2.2 * k, 2.2 * k, green)


def _conifer(c: Canvas, x: float, foot: float, height: float, colour: Colour) -> None:
    leaf, trunk = c.lit(colour), c.lit((84, 60, 44))
    c.box(x - height * 0.045, foot - height * 0.16, x + height * 0.045, foot, trunk)
    for i in range(3):
        y = foot - height * (0.12 + 0.25 * i)
        half = height * (0.27 - 0.065 * i)
        c.polygon([(x - half, y), (x + half, y), (x, y - height * 0.42)], leaf)


def _forest(c: Canvas) -> None:
    c.horizon = 84 + c.rng.uniform(-4, 4)
    _light(c)
    shift = c.rng.uniform(-5, 5)
    for i in range(-1, 10):
        _conifer(c, shift + i * 15 + 6, c.horizon + 4, 38 + 7 * math.sin(i * 2.3), (98, 158, 122))
    c.ground(_wave(c.horizon, 1.5, 90, c.rng.random()), (92, 150, 84), (46, 98, 58))
    for i in range(-1, 8):
        _conifer(
            c, shift * -1.4 + i * 21 + 2, c.horizon + 10, 44 + 6 * math.sin(i * 1.7), (48, 116, 82)
        )
    c.ground(_wave(c.horizon + 9, 1.5, 120, c.rng.random()), (74, 132, 70), (36, 82, 50))
    for x, height in ((5 + c.rng.uniform(-3, 3), 88), (123 + c.rng.uniform(-3, 3), 80)):
        _conifer(c, x, c.horizon + 30, height, (22, 78, 60))


def _city(c: Canvas) -> None:
    c.horizon = 98 + c.rng.uniform(-3, 3)
    _light(c)
    shift = c.rng.uniform(-6, 6)
    for i in range(-1, 9):
        top = c.horizon - 40 - 13 * math.sin(i * 2.1 + 1)
        c.box(shift + i * 16, top, shift + i * 16 + 13, c.horizon, c.lit((150, 170, 192)))
    walls: tuple[Colour, ...] = ((112, 122, 148), (92, 104, 132), (128, 118, 134), (100, 112, 128))
    window = {"day": (186, 214, 232), "sunset": (255, 214, 130), "night": (255, 220, 120)}[c.time]
    for i in range(-1, 7):
        x = -shift + i * 22 + 4
        top = c.horizon - 27 - 11 * math.sin(i * 1.9) - c.rng.uniform(0, 4)
        c.box(x, top, x + 18, c.horizon, c.lit(walls[i % 4]))
        for row in range(8):
            y = top + 4 + row * 7
            if y + 4 > c.horizon:
                break
            for col in range(3):
                if (i * 5 + row * 3 + col * 7) % 4:
                    c.box(x + 2.5 + col * 5, y, x + 5.5 + col * 5, y + 4, window)
    c.ground(lambda x: c.horizon, (150, 150, 156), (120, 120, 130))
    c.ground(lambda x: c.horizon + 6, (84, 86, 98), (60, 62, 74))
    for i in range(6):
        c.box(
            shift + i * 26 - 8,
            c.horizon + 16,
            shift + i * 26 + 6,
            c.horizon + 18.5,
            c.lit((236, 228, 190)),
        )


def _mountains(c: Canvas) -> None:
    c.horizon = 88 + c.rng.uniform(-4, 4)
    _light(c)
    rock: Colour = (112, 124, 156)
    for x, top, half in ((24.0, 30.0, 44), (104.0, 34.0, 46), (63.0, 20.0, 46)):
        x += c.rng.uniform(-6, 6)
        top += c.rng.uniform(-4, 4)
        foot = c.horizon + 4
        c.polygon([(x - half, foot), (x, top), (x + half, foot)], c.lit(rock))
        c.polygon(
            [(x, top), (x + half, foot), (x + half * 0.15, foot)],
            c.lit(mix(rock, (50, 60, 100), 0.35)),
        )
        k, h = 0.34, foot - top
        snow = [
            (x, top), (x + half * k, top + h * k), (x + half * k * 0.5, top + h * k * 0.8),
            (x + half * 0.04, top + h * k * 1.18),
            (x - half * k * 0.45, top + h * k * 0.8), (x - half * k, top + h * k),
        ]  # fmt: skip
        c.polygon(snow, c.lit((248, 250, 255)))
    c.ground(_wave(c.horizon, 3, 84, c.rng.random()), (120, 146, 132), (84, 112, 104))
    c.ground(_wave(c.horizon + 14, 3, 130, c.rng.random()), (98, 124, 110), (58, 84, 84))


def _meadow(c: Canvas) -> None:
    c.horizon = 82 + c.rng.uniform(-4, 4)
    _light(c)
    phase = c.rng.random()
    c.ground(_wave(c.horizon, 6, 96, phase), (170, 208, 120), (140, 190, 96))
    c.ground(_wave(c.horizon + 11, 6, 120, phase + 0.5), (150, 204, 92), (118, 178, 74))
    x = c.rng.choice((16.0, 110.0)) + c.rng.uniform(-5, 5)
    c.box(x - 2, c.horizon - 6, x + 2, c.horizon + 16, c.lit((112, 78, 52)))
    for dx, dy, r in ((-7, -8, 9), (7, -8, 9), (0, -16, 11)):
        c.ellipse(x + dx, c.horizon + dy, r, r, c.lit((90, 160, 72)))
    c.ground(_wave(c.horizon + 24, 4, 140, phase + 0.2), (136, 196, 80), (84, 148, 58))
    shift = c.rng.uniform(-5, 5)
    petals: tuple[Colour, ...] = ((252, 244, 236), (250, 214, 90), (240, 140, 150))
    for i in range(9):
        fx = (shift + i * 15 + 4 * math.sin(i * 3.1)) % SIZE
        fy = c.horizon + 31 + (i * 5) % 13
        c.ellipse(fx, fy, 2.2, 2.2, c.lit(petals[i % 3]))
        c.ellipse(fx, fy, 0.8, 0.8, c.lit((220, 150, 50)))


PAINTERS: dict[str, Callable[[Canvas], None]] = {
    "sea": _sea,
    "desert": _desert,
    "forest": _forest,
    "city": _city,
    "mountains": _mountains,
    "meadow": _meadow,
}


@functools.cache
def place_picture(place: str, time: str, layout: int) -> np.ndarray:
    """The still background, in one of LAYOUTS arrangements: uint8 (SIZE, SIZE, 3)."""
    canvas = Canvas(time, random.Random(f"{place} {time} {layout}"))
    PAINTERS[place](canvas)
    return np.asarray(canvas.image.reduce(OVER))

"""Renders a clip of the grammar: what the starter model learns from."""

import math
import random
from collections.abc import Callable, Sequence

import numpy as np

from generation.starter.grammar import Scene
from generation.starter.places import LAYOUTS, SIZE, place_picture
from generation.starter.subjects import cut_out, stamp

FRAMES = 17
FPS = 8
CENTRE = SIZE / 2

Path = Callable[[float], tuple[float, float, float]]


def _path(motion: str, rng: random.Random, spread: float) -> Path:
    """Centre x, centre y and width of the subject, in pixels, at a time between 0 and 1."""
    off = 1.5 + 4.5 * spread
    x, y = CENTRE + rng.uniform(-off, off), CENTRE + 2 + rng.uniform(-off, off)
    size = 52 + (1 + 3 * spread) * rng.uniform(-1, 1)
    reach = 27.5 + (0.5 + 1.5 * spread) * rng.uniform(-1, 1)
    if motion == "right":
        return lambda t: (CENTRE + (x - CENTRE) / 3 + reach * (2 * t - 1), y, size)
    if motion == "left":
        return lambda t: (CENTRE + (x - CENTRE) / 3 - reach * (2 * t - 1), y, size)
    if motion == "up":
        return lambda t: (x, CENTRE + (y - CENTRE) / 3 - reach * (2 * t - 1), size)
    if motion == "down":
        return lambda t: (x, CENTRE + (y - CENTRE) / 3 + reach * (2 * t - 1), size)
    if motion == "bounce":
        return lambda t: (
            x,
            CENTRE + 18 + (y - CENTRE) / 3 - 34 * abs(math.sin(2 * math.pi * t)),
            size,
        )
    if motion == "grow":
        return lambda t: (x, y, size * (0.42 + 0.86 * t))
    raise ValueError(f"unknown motion {motion!r}")


def render_background(scene: Scene, seed: int) -> np.ndarray:
    """The place of `render(scene, seed)` without its subject: uint8 (SIZE, SIZE, 3)."""
    return place_picture(scene.place, scene.time, random.Random(seed).randrange(LAYOUTS))


def render(
    scene: Scene, seed: int, frames: Sequence[int] = range(FRAMES), spread: float = 0.0
) -> np.ndarray:
    """One clip, or some of its frames: uint8 (frames, SIZE, SIZE, 3), FPS frames a second.

    `spread` (0–1) says how far start, size and reach of the subject vary. Seed and spread fix
    every byte.
    """
    rng = random.Random(seed)
    background = place_picture(scene.place, scene.time, rng.randrange(LAYOUTS))
    path = _path(scene.motion, rng, spread)
    master = cut_out(scene.subject, scene.colour, scene.motion == "left")
    clip = np.repeat(background[None], len(frames), axis=0)
    for row, index in enumerate(frames):
        x, y, size = path(index / (FRAMES - 1))
        stamp(master, clip[row], x, y, size)
    return clip

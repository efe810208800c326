"""Renders a clip of the grammar: what the starter model learns from."""

import random
from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image

from generation.starter.autoencoder import BLOCK_SIDE
from generation.starter.grammar import Scene
from generation.starter.layers import WIDTH
from generation.starter.places import LAYOUTS, SIZE, place_picture
from generation.starter.subjects import cut_out, stamp

FRAMES = 17
FPS = 8
CENTRE = SIZE / 2


# The path a subject goes is drawn from two, one block of the autoencoder apart, and what goes
# straight crosses one block in the time of one. So all that moves looks alike from latent frame to
# latent frame, and a small model can learn it exactly, edges included.
STARTS = 2
REACH = 2.0 * BLOCK_SIDE
JUMP = 24.0

Path = Callable[[float], tuple[float, float, float]]


def arrangement(seed: int) -> tuple[int, int]:
    """Layout of the place and start of the subject that a seed draws."""
    rng = random.Random(seed)
    return rng.randrange(LAYOUTS), rng.randrange(STARTS)


def _path(motion: str, start: int) -> Path:
    """Centre x, centre y and width of the subject, in pixels, at a time between 0 and 1."""
    aside = CENTRE + (start - 0.5) * BLOCK_SIDE
    if motion == "right":
        return lambda t: (CENTRE + REACH * (2 * t - 1), aside + 2, WIDTH)
    if motion == "left":
        return lambda t: (CENTRE - REACH * (2 * t - 1), aside + 2, WIDTH)
    if motion == "up":
        return lambda t: (aside, CENTRE - REACH * (2 * t - 1), WIDTH)
    if motion == "down":
        return lambda t: (aside, CENTRE + REACH * (2 * t - 1), WIDTH)
    if motion == "bounce":
        return lambda t: (aside, CENTRE + 18 - JUMP * (1 - (4 * t % 2 - 1) ** 2), WIDTH)
    if motion == "grow":
        return lambda t: (aside, CENTRE + 2, WIDTH * (0.42 + 0.86 * t))
    raise ValueError(f"unknown motion {motion!r}")


def subject_path(scene: Scene, seed: int) -> np.ndarray:
    """Centre x, centre y and width of the subject in each frame: float32 (FRAMES, 3), pixels."""
    path = _path(scene.motion, arrangement(seed)[1])
    return np.array([path(index / (FRAMES - 1)) for index in range(FRAMES)], dtype=np.float32)


def subject_sheet(scene: Scene, side: int) -> np.ndarray:
    """The subject as it is cut out: uint8 (side, side, 4), colours premultiplied by alpha."""
    master = cut_out(scene.subject, scene.colour, scene.motion == "left")
    return np.asarray(master.resize((side, side), Image.Resampling.HAMMING))


def render_background(scene: Scene, seed: int) -> np.ndarray:
    """The place of `render(scene, seed)` without its subject: uint8 (SIZE, SIZE, 3)."""
    return place_picture(scene.place, scene.time, arrangement(seed)[0])


def render(scene: Scene, seed: int, frames: Sequence[int] = range(FRAMES)) -> np.ndarray:
    """One clip, or some of its frames: uint8 (frames, SIZE, SIZE, 3), FPS frames a second.

    The seed fixes every byte.
    """
    layout, start = arrangement(seed)
    background = place_picture(scene.place, scene.time, layout)
    path = _path(scene.motion, start)
    master = cut_out(scene.subject, scene.colour, scene.motion == "left")
    clip = np.repeat(background[None], len(frames), axis=0)
    for row, index in enumerate(frames):
        x, y, size = path(index / (FRAMES - 1))
        stamp(master, clip[row], x, y, size)
    return clip

"""Clips to measure marks on: drawn from a seed, so that none was ever tuned on twice."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.media.frames import Frame


def clip(seed: int, *, height: int, width: int, frames: int) -> list[Frame]:
    """A moving picture: ground of clouds of some roughness, shapes that travel, light that drifts.

    Seeds divisible by three are drawn flat, as animation is: hardest for a mark, which has nowhere
    to hide, and for finding one's way about in.
    """
    chance = np.random.default_rng(seed)
    flat = seed % 3 == 0
    ground = _ground(chance, height * 5 // 4, width * 5 // 4, rough=0.0 if flat else 1.0)
    shapes = [_Shape(chance, height, width, flat=flat) for _ in range(chance.integers(3, 8))]
    drift = chance.uniform(-1, 1, 2) * (height // 5, width // 5) / max(frames, 1)
    start = np.array([height // 8, width // 8], float)
    pictures = []
    for number in range(frames):
        top, left = start + drift * (number - frames / 2) * 0.9
        turn = np.array([[1, 0, left], [0, 1, top]], np.float32)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        warped = cv2.warpAffine(ground, turn, (width, height), flags=flags)
        picture: NDArray[np.float32] = np.asarray(warped, np.float32)
        for shape in shapes:
            picture = shape.drawn(picture, number / max(frames - 1, 1))
        light = 1 + 0.06 * np.sin(2 * np.pi * number / 40 + seed)
        pictures.append(np.clip(np.rint(picture * light), 0, 255).astype(np.uint8))
    return pictures


def _ground(
    chance: np.random.Generator, height: int, width: int, *, rough: float
) -> NDArray[np.float32]:
    low, high = (chance.uniform(20, 120, 3), chance.uniform(100, 235, 3))
    slope = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    picture = low + (high - low) * slope * np.ones((1, width, 1), np.float32)
    if rough:
        for octave in range(2, 8):
            cells = chance.normal(size=(2**octave, 2**octave, 1)).astype(np.float32)
            cloud = cv2.resize(cells, (width, height), interpolation=cv2.INTER_CUBIC)
            picture = picture + cloud[:, :, None] * rough * 60 * 0.6 ** (octave - 2)
    return np.clip(picture, 0, 255).astype(np.float32)


class _Shape:
    def __init__(self, chance: np.random.Generator, height: int, width: int, *, flat: bool) -> None:
        self._begin = chance.uniform(0.1, 0.9, 2) * (width, height)
        self._end = chance.uniform(0.1, 0.9, 2) * (width, height)
        self._radius = chance.uniform(0.05, 0.2) * height
        self._corners = int(chance.integers(3, 9))
        self._colour = tuple(float(value) for value in chance.uniform(10, 245, 3))
        self._turns = float(chance.uniform(-1, 1))
        self._striped = not flat and bool(chance.integers(0, 2))

    def drawn(self, picture: NDArray[np.float32], moment: float) -> NDArray[np.float32]:
        centre = self._begin + (self._end - self._begin) * moment
        angles = 2 * np.pi * (np.arange(self._corners) / self._corners + self._turns * moment)
        outline = centre + self._radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
        points = np.rint(outline * 16).astype(np.int32)
        drawn = picture.copy()
        cv2.fillPoly(drawn, [points], self._colour, lineType=cv2.LINE_AA, shift=4)
        if self._striped:
            inner = np.rint((centre + (outline - centre) * 0.5) * 16).astype(np.int32)
            dark = tuple(value * 0.5 for value in self._colour)
            cv2.polylines(drawn, [inner], True, dark, 2, lineType=cv2.LINE_AA, shift=4)
        return drawn

"""Read the mark from a leaked copy, with the original at hand.

What the copy has that the original does not is averaged over all frames, turned into coefficients,
and weighted by how noisy each frequency is. A download is *identified* when its 127 bits fit the
signs found so well that chance is ruled out: with *z* the weighted agreement divided by its norm, a
number drawn at random reaches *z* with a probability of at most exp(-z²/2), whatever the copy holds
(W. Hoeffding, "Probability Inequalities for Sums of Bounded Random Variables", JASA 58, 1963). The
bound holds for unmarked files and for other downloads of the same clip alike, since numbers are
random. Anything less is inconclusive, and said so.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generation.media.frames import Frame
from review.marks import bch
from review.marks.aligning import Alignment, Luma, align, laid_over, toned, working
from review.marks.embedding import gridded, loudness, luma
from review.marks.pattern import (
    GRID,
    HIGHEST,
    LOWEST,
    Grid,
    Pattern,
    in_use,
    message_of,
    number_of,
    radii,
    transform,
)

# exp(-18) for each download that is compared.
SURE = 6.0
# Frames of the copy that are read, and of the original that they are looked for among.
MOST_FRAMES = 120
MOST_ORIGINAL = 480
_BANDS = 12


@dataclass(frozen=True, kw_only=True)
class Match:
    """How well one number fits: *z*, and the chance that a random one fits as well."""

    number: int
    z: float
    chance: float


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a copy says.

    Attributes:
        best: the compared number that fits best, None when there was none to compare.
        read: the number read without comparing, when its check bits fit.
        likeness: correlation of the aligned frames, 1 for the same picture.
    """

    best: Match | None
    read: int | None
    likeness: float

    @property
    def identified(self) -> int | None:
        """The download, or None: inconclusive. Its chance is for all that were compared."""
        if self.best is not None and self.best.z >= SURE:
            return self.best.number
        return None


@dataclass(frozen=True, kw_only=True)
class Residue:
    """What a copy has beyond the original: one value for each coefficient in use."""

    found: NDArray[np.float64]
    alignment: Alignment


def residue(original: Iterable[Frame], copy: Iterable[Frame]) -> Residue:
    """Compare *copy* with *original*, both frames (height, width, 3) in order, each read once.

    Of long clips frames are left out at an even pace, so memory is bounded.

    Raises:
        ValueError: one of them has no frame.
    """
    ours, theirs = _thinned(original, MOST_ORIGINAL), _thinned(copy, MOST_FRAMES)
    if not ours or not theirs:
        raise ValueError("a clip has one frame at least")
    alignment = align(ours, theirs)
    shape = (ours[0].shape[0], ours[0].shape[1])
    squares, laid, covers = [], [], []
    for frame, number in zip(theirs, alignment.frames, strict=True):
        picture, cover = laid_over(frame, alignment, shape=shape)
        squares.append(gridded(ours[number]))
        laid.append(gridded(picture))
        covers.append(gridded(cover))
    return Residue(
        found=_averaged(np.stack(squares), np.stack(laid), np.stack(covers)), alignment=alignment
    )


def _thinned(frames: Iterable[Frame], most: int) -> list[Luma]:
    """*frames* at working size: all, or every second, fourth, …, at most *most* of them."""
    kept: list[Luma] = []
    step = 1
    for number, frame in enumerate(frames):
        if number % step:
            continue
        if len(kept) == most:
            kept = kept[::2]
            step *= 2
            if number % step:
                continue
        kept.append(working(luma(frame)))
    return kept


def _averaged(ours: Grid, theirs: Grid, covers: Grid) -> NDArray[np.float64]:
    where = covers > 0.98
    if not where.any():
        return np.zeros(len(radii()))
    curve = toned(ours, theirs, where)
    slope = np.polyder(curve)
    above, below = np.zeros((GRID, GRID)), np.zeros((GRID, GRID))
    for mine, seen, inside in zip(ours, theirs, where, strict=True):
        level = mine / 255
        expected = np.polyval(curve, level) * 255
        weight = loudness(mine) * np.clip(np.polyval(slope, level), 0.2, 2.0) * inside
        above += weight * _limited(seen - expected)
        below += weight**2
    estimate = np.where(below > 0, above / np.maximum(below, 0.05 * below.max()), 0.0)
    covered = below > 0
    estimate[covered] -= estimate[covered].mean()
    return in_use(transform(estimate))


def _limited(difference: Grid) -> Grid:
    """An edge that lies half a pixel off must not outshout the rest."""
    return np.clip(difference, -12, 12)


def soft_bits(pattern: Pattern, found: Residue) -> NDArray[np.float64]:
    """127 values, above zero for a 1, each coefficient weighted by how quiet its frequency is."""
    edges = np.linspace(LOWEST, HIGHEST, _BANDS + 1)
    band = np.clip(np.digitize(radii(), edges) - 1, 0, _BANDS - 1)
    power = np.array([np.mean(found.found[band == one] ** 2) for one in range(_BANDS)])
    scale = np.sqrt(power[band]) + 1e-12
    # Beyond twice the usual a value says no more than twice the usual.
    return pattern.soft_bits(np.clip(found.found / scale, -2, 2))


def fit(pattern: Pattern, soft: NDArray[np.float64], number: int, *, compared: int = 1) -> Match:
    """How well *number* fits *soft*, where *compared* numbers are tried."""
    word = bch.encode(message_of(number)) * 2.0 - 1.0
    norm = float(np.linalg.norm(soft))
    z = float(soft @ word) / norm if norm else 0.0
    chance = min(1.0, compared * math.exp(-(max(z, 0.0) ** 2) / 2))
    return Match(number=number, z=z, chance=chance)


def find(pattern: Pattern, found: Residue, numbers: Iterable[int]) -> Finding:
    """Which of *numbers*, those of the clip's downloads, the copy carries, if any."""
    soft = soft_bits(pattern, found)
    known = list(numbers)
    matches = [fit(pattern, soft, number, compared=len(known)) for number in known]
    read = next(
        (
            number
            for message in bch.candidates(soft)
            if (number := number_of(message)) is not None and fit(pattern, soft, number).z >= SURE
        ),
        None,
    )
    return Finding(
        best=max(matches, key=lambda match: match.z, default=None),
        read=read,
        likeness=found.alignment.likeness,
    )

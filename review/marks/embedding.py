"""Write the mark into frames, one at a time.

The mark changes luma alone, by about two of 255 steps, less on even surfaces and more where the
picture is busy, where nobody sees it. The peak signal-to-noise ratio against the unmarked frame is
41 dB whatever the picture.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.media.frames import Frame
from review.marks.pattern import GRID, Grid, Pattern

# Root of the mean square of what is added, in steps of 8 bits: 20 log10(255 / 2.2) = 41.3 dB.
STRENGTH = 2.2
# Rec. 709, the matrix that clips are encoded with.
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
# Between the evenest and the busiest square.
_QUIETEST, _LOUDEST = 0.55, 2.0
_BUSY = 6.0


def luma(frame: Frame) -> NDArray[np.float32]:
    """(height, width) of *frame* (height, width, 3), 0 to 255."""
    return np.asarray(frame.astype(np.float32) @ _LUMA, np.float32)


def gridded(picture: NDArray[np.float32]) -> Grid:
    """*picture* (height, width) as means over 128 × 128 squares."""
    return np.asarray(cv2.resize(picture, (GRID, GRID), interpolation=cv2.INTER_AREA), np.float64)


def loudness(squares: Grid) -> Grid:
    """How much of the mark each square takes: its square is 1 on average.

    Args:
        squares: (128, 128) luma of the *unmarked* frame, so that the reader finds the same.
    """
    mean = cv2.GaussianBlur(squares, (0, 0), 2.0)
    spread = np.sqrt(np.maximum(cv2.GaussianBlur(squares**2, (0, 0), 2.0) - mean**2, 0))
    loud = np.clip(np.sqrt((spread + 1.0) / _BUSY), _QUIETEST, _LOUDEST)
    return np.asarray(loud / np.sqrt(np.mean(loud**2)), np.float64)


class Marker:
    """Writes one number into every frame of one clip.

    Args:
        number: 48 bits, drawn at random for each download: chance is what makes a wrong one
            unlikely to fit (see ``detection``).
        height, width: of the frames, in pixels.
        strength: root mean square of the change, in steps of 8 bits.
    """

    def __init__(
        self,
        pattern: Pattern,
        number: int,
        *,
        height: int,
        width: int,
        strength: float = STRENGTH,
    ) -> None:
        self._picture = pattern.picture(number)
        self._size = (width, height)
        self._strength = strength

    def mark(self, frame: Frame) -> Frame:
        """A marked copy of *frame* (height, width, 3), 8 bits, sRGB."""
        change = self._picture * loudness(gridded(luma(frame))) * self._strength
        spread = cv2.resize(change.astype(np.float32), self._size, interpolation=cv2.INTER_CUBIC)
        marked = frame.astype(np.float32) + spread[:, :, None]
        return np.asarray(np.clip(np.rint(marked), 0, 255), np.uint8)

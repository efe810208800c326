"""The frames of one clip on their way from the model to its files, one at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

# (height, width, 3), 8 bits a channel, sRGB.
Frame: TypeAlias = NDArray[np.uint8]


class ClipFrames(Protocol):
    """The frames in order, read once: a ``FrameStream`` or an array of all of them.

    ``shape`` is (count, height, width, 3), known before the first frame is there.
    """

    @property
    def shape(self) -> tuple[int, ...]: ...

    def __iter__(self) -> Iterator[Frame]: ...


class FrameStream:
    """Frames that are made while they are read, so a clip is never whole in memory.

    Reading it may raise whatever making a frame raises. ``numpy.asarray`` collects what is left.

    Args:
        shape: (count, height, width, 3); whoever makes the frames answers for it.
    """

    def __init__(self, shape: tuple[int, ...], frames: Iterator[Frame]) -> None:
        self.shape = shape
        self._frames = frames

    def __iter__(self) -> Iterator[Frame]:
        return self._frames

    def __array__(self, dtype: object = None, copy: bool | None = None) -> NDArray[np.uint8]:
        return np.stack(list(self._frames))


class FramesDigest:
    """Hex SHA-256 of the shape and the bytes of a clip's frames, before they are encoded."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        sides = "x".join(str(side) for side in shape)
        self._hash = hashlib.sha256(f"{sides}\n".encode())

    def reading(self, frames: Iterator[Frame]) -> Iterator[Frame]:
        """*frames*, each counted as it passes."""
        for frame in frames:
            self._hash.update(np.ascontiguousarray(frame).data)
            yield frame

    def hexdigest(self) -> str:
        return self._hash.hexdigest()

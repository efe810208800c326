"""A stored clip back to its frames."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import IO

import av
import numpy as np
from numpy.typing import NDArray


def read_frames(file: IO[bytes]) -> NDArray[np.uint8]:
    """Every frame of an MP4 of ours: (count, height, width, 3), 8 bits, sRGB.

    Raises:
        OSError: when the file cannot be read or holds no frame.
    """
    with av.open(file, "r") as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    if not frames:
        raise OSError("the video holds no frame")
    return np.stack(frames)


def last_frame(file: IO[bytes]) -> NDArray[np.uint8]:
    """The last frame of an MP4 of ours: (height, width, 3), 8 bits, sRGB.

    Raises:
        OSError: when the file cannot be read or holds no frame.
    """
    with av.open(file, "r") as container:
        last = deque(container.decode(video=0), maxlen=1)
        if not last:
            raise OSError("the video holds no frame")
        return np.asarray(last[0].to_ndarray(format="rgb24"), np.uint8)


def spread(file: IO[bytes], *, have: int, wanted: int) -> Iterator[NDArray[np.uint8]]:
    """*wanted* frames spread evenly over the *have* of an MP4 of ours, one held at a time.

    Each is (height, width, 3), 8 bits, sRGB; the last is the file's last.

    Raises:
        OSError: the file cannot be read or holds another number of frames.
    """
    times = np.bincount(np.linspace(0, have - 1, wanted).round().astype(int), minlength=have)
    seen = 0
    with av.open(file, "r") as container:
        for frame in container.decode(video=0):
            if seen < have and times[seen]:
                pixels = np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
                for _again in range(times[seen]):
                    yield pixels
            seen += 1
    if seen != have:
        raise OSError("the video holds other frames than were counted")

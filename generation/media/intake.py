"""A program of its own that reads a stranger's video: ``python -m generation.media.intake``.

It decodes with the least it needs: one container format that the first bytes name, a few codecs,
no other file or address, no secret in its environment, bounded memory and time. What it cannot
read ends this process and nothing else.
"""

from __future__ import annotations

import json
import resource
import sys
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import IO

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generation.media.encode import Mp4Writer

VIDEO, LAST = "video.mp4", "last.png"
# Exit codes; what else ends the process is a file that cannot be read.
TOO_LONG, TOO_LARGE, UNREADABLE = 3, 4, 5

MOST_FRAMES = 900
MOST_SECONDS = 60
MOST_SIDE = 4_096
# Of all frames together: a minute of 720p at 30 a second.
MOST_PIXELS = 1_700_000_000
# More than any model on offer renders.
LONGEST_SIDE = 1_280
MEMORY = 4 * 2**30
CPU_SECONDS = 90
CODECS = frozenset({"h264", "hevc", "av1", "vp8", "vp9", "mpeg4", "libdav1d", "libvpx-vp9"})
_DEMUXERS = {"mp4": "mov", "webm": "matroska"}


def kind_of(head: bytes) -> str | None:
    """``"mp4"`` (and QuickTime), ``"webm"`` (and Matroska) or None, by the first twelve bytes."""
    if head[4:8] == b"ftyp":
        return "mp4"
    return "webm" if head.startswith(b"\x1a\x45\xdf\xa3") else None


def take_in(file: IO[bytes], folder: Path) -> dict[str, int]:
    """Write the frames of *file* anew as ``VIDEO`` and the last one as ``LAST`` into *folder*.

    Answers ``frames``, ``width`` and ``height``, in pixels. At most one frame is held at a time.

    Raises:
        SystemExit: with one of the exit codes.
        OSError, ValueError: it cannot be read.
    """
    kind = kind_of(file.read(12))
    file.seek(0)
    if kind is None:
        raise SystemExit(UNREADABLE)
    options = {"protocol_whitelist": "none", "enable_drefs": "0", "use_absolute_path": "0"}
    with av.open(
        file,
        "r",
        format=_DEMUXERS[kind],
        container_options=options if kind == "mp4" else {"protocol_whitelist": "none"},
    ) as container:
        if not container.streams.video:
            raise SystemExit(UNREADABLE)
        stream = container.streams.video[0]
        codec = stream.codec_context
        if codec.name not in CODECS:
            raise SystemExit(UNREADABLE)
        _require_size(codec.width, codec.height, stream.frames)
        if (
            stream.duration
            and stream.time_base
            and stream.duration * stream.time_base > (MOST_SECONDS)
        ):
            raise SystemExit(TOO_LONG)
        codec.thread_count = 2
        frames = container.decode(stream)
        first = next(frames, None)
        if first is None:
            raise SystemExit(UNREADABLE)
        rate = round(float(stream.average_rate or Fraction(24)))
        told = _write(chain([first], frames), min(max(rate, 1), 60), folder)
        # A file cut off in its middle still begins well.
        if told["frames"] < stream.frames * 0.9:
            raise SystemExit(UNREADABLE)
    return told


def _write(frames: chain[av.VideoFrame], fps: int, folder: Path) -> dict[str, int]:
    writer: Mp4Writer | None = None
    size = (0, 0)
    came = (0, 0)
    count = 0
    last: NDArray[np.uint8] | None = None
    try:
        for frame in frames:
            count += 1
            _require_size(frame.width, frame.height, count)
            if writer is None:
                came = (frame.width, frame.height)
                size = _fitting(*came)
            elif (frame.width, frame.height) != came:
                raise SystemExit(UNREADABLE)
            last = _upright(frame, size)
            if writer is None:
                writer = Mp4Writer(
                    width=last.shape[1],
                    height=last.shape[0],
                    fps=fps,
                    path=folder / VIDEO,
                    crf=10,
                    preset="veryfast",
                ).__enter__()
            writer.write(last)
    except BaseException as error:
        if writer is not None:
            writer.__exit__(type(error), error, None)
        raise
    if writer is None or last is None:
        raise SystemExit(UNREADABLE)
    writer.__exit__(None, None, None)
    Image.fromarray(last).save(folder / LAST, "PNG")
    return {"frames": count, "width": last.shape[1], "height": last.shape[0]}


def _require_size(width: int, height: int, frames: int) -> None:
    if frames > MOST_FRAMES:
        raise SystemExit(TOO_LONG)
    if max(width, height) > MOST_SIDE or width * height * max(frames, 1) > MOST_PIXELS:
        raise SystemExit(TOO_LARGE)
    if min(width, height) < 1:
        raise SystemExit(UNREADABLE)


def _fitting(width: int, height: int) -> tuple[int, int]:
    scale = min(1.0, LONGEST_SIDE / max(width, height))
    return max(round(width * scale), 1), max(round(height * scale), 1)


def _upright(frame: av.VideoFrame, size: tuple[int, int]) -> NDArray[np.uint8]:
    """As a player shows it: telephones film lying and say how to turn it."""
    pixels = frame.reformat(width=size[0], height=size[1], format="rgb24").to_ndarray()
    return np.ascontiguousarray(np.rot90(pixels, k=round(frame.rotation / 90) % 4), np.uint8)


def main() -> int:
    source, folder = sys.argv[1:]
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    av.logging.set_level(None)
    try:
        with Path(source).open("rb") as file:
            told = take_in(file, Path(folder))
    except (OSError, ValueError, MemoryError):
        return UNREADABLE
    sys.stdout.write(json.dumps(told))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""A program of its own that looks at files: ``python -m review.credentials.look PATH KIND …``.

It decodes with the least it needs: the one format that the first bytes name, a few codecs, no
other file or address, no secret in its environment, bounded memory and time. It prints JSON, for
each file null or: ``exact``, hex SHA-256 of what is shown whatever it is wrapped in (a video's
coded frames, a picture's pixels), and ``pictures``, 64-bit hashes of what frames look like, as
signed integers.
"""

from __future__ import annotations

import hashlib
import json
import resource
import sys
import warnings
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

MEMORY = 4 * 2**30
CPU_SECONDS = 30
CODECS = frozenset({"h264", "hevc", "av1", "vp8", "vp9", "mpeg4", "libdav1d", "libvpx-vp9"})
MOST_SIDE = 4_096
MOST_PIXELS = 40_000_000
# Key frames at most, spread over the file by the encoder that made them.
MOST_FRAMES = 48
# Below this deviation of 255 steps a picture is too even to be told from another.
_EVEN = 6.0
_SIDE, _LOWEST = 32, 8
# The lowest cosines of a discrete cosine transform of that many samples, one a row.
_WAVES = np.cos(np.pi / _SIDE * np.outer(np.arange(_LOWEST), np.arange(_SIDE) + 0.5))
_DEMUXERS = {"mp4": "mov", "quicktime": "mov", "webm": "matroska"}
_FORMATS = {"jpeg": "JPEG", "png": "PNG", "webp": "WEBP"}


def looks(pixels: NDArray[np.uint8]) -> int | None:
    """64 bits of the lowest frequencies of (height, width, 3) sRGB, or None for an even picture."""
    grey = Image.fromarray(pixels).convert("L")
    small = np.asarray(grey.resize((_SIDE, _SIDE), Image.Resampling.BOX), np.float64)
    if float(small.std()) < _EVEN:
        return None
    lowest = (_WAVES @ small @ _WAVES.T).flatten()
    bits = lowest > np.median(lowest[1:])
    return int.from_bytes(np.packbits(bits).tobytes(), "big", signed=True)


def look_at_video(path: Path, kind: str) -> dict[str, Any]:
    """Raises OSError or ValueError for what is no video."""
    packets = hashlib.sha256()
    pictures: list[int] = []
    options = {"protocol_whitelist": "none"}
    if _DEMUXERS[kind] == "mov":
        options |= {"enable_drefs": "0", "use_absolute_path": "0"}
    with (
        path.open("rb") as file,
        av.open(file, "r", format=_DEMUXERS[kind], container_options=options) as container,
    ):
        stream = container.streams.video[0]
        codec = stream.codec_context
        if codec.name not in CODECS or max(codec.width, codec.height) > MOST_SIDE:
            raise ValueError("another codec, or too large")
        codec.thread_count = 2
        for packet in container.demux(stream):
            if not packet.size:
                continue
            packets.update(bytes(packet))
            if packet.is_keyframe and len(pictures) < MOST_FRAMES:
                for frame in packet.decode():
                    pictures += _shown(frame)
        for frame in codec.decode(None):
            pictures += _shown(frame)
    return {"exact": [packets.hexdigest()], "pictures": pictures[:MOST_FRAMES]}


def _shown(frame: av.VideoFrame) -> list[int]:
    if max(frame.width, frame.height) > MOST_SIDE:
        raise ValueError("too large")
    seen = looks(np.asarray(frame.to_ndarray(format="rgb24"), np.uint8))
    return [] if seen is None else [seen]


def look_at_picture(path: Path, kind: str) -> dict[str, Any]:
    """Raises OSError or ValueError for what is no picture."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        with Image.open(path, formats=[_FORMATS[kind]]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise ValueError("too large")
            pixels = np.asarray(picture.convert("RGB"), np.uint8)
    seen = looks(pixels)
    return {
        "exact": [hashlib.sha256(pixels.tobytes()).hexdigest()],
        "pictures": [] if seen is None else [seen],
    }


def look(path: Path, kind: str) -> dict[str, Any] | None:
    """What a file of this MIME type shows; None when it cannot be looked at."""
    family, _slash, form = kind.partition("/")
    try:
        return (look_at_video if family == "video" else look_at_picture)(path, form)
    except (
        *(OSError, ValueError, IndexError, SyntaxError, EOFError, MemoryError),
        av.FFmpegError,
        Image.DecompressionBombError,
    ):
        return None


def main() -> int:
    paths, kinds = sys.argv[1::2], sys.argv[2::2]
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    av.logging.set_level(None)
    seen = [look(Path(path), kind) for path, kind in zip(paths, kinds, strict=True)]
    sys.stdout.write(json.dumps(seen))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""All files of a finished clip, made in a working folder before any of them is stored."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generation.media import mark
from generation.media.encode import encode_mp4

Frames = NDArray[np.uint8]

ORIGINAL_CRF = 10
ORIGINAL_PRESET = "medium"
PREVIEW_CRF = 20
# Small clips are shown larger, large ones smaller: sides of the preview's short edge in pixels.
SHORT_SIDE_LEAST = 512
SHORT_SIDE_MOST = 720
TILES = 8
TILE_HEIGHT = 144


@dataclass(frozen=True, kw_only=True)
class MadeFiles:
    """Finished files by name of ``store.FILE_FIELDS``; ``sha256`` of the original's bytes."""

    paths: dict[str, Path]
    sha256: str


def make_files(
    frames: Frames, *, fps: int, artist: str, short_id: str, language: str, folder: Path
) -> MadeFiles:
    """Encode original and preview, draw poster, filmstrip and cover.

    Args:
        frames: (count, height, width, 3), 8 bits.
        artist, short_id: what the mark says; *language* is the one it says it in.

    Raises:
        ValueError: when there is no frame.
        OSError: when a file cannot be written.
    """
    if not len(frames):
        raise ValueError("a clip needs at least one frame")
    height, width = frames.shape[1:3]
    paths = {
        "original": folder / "original.mp4",
        "preview": folder / "preview.mp4",
        "poster": folder / "poster.jpg",
        "filmstrip": folder / "filmstrip.jpg",
        "cover": folder / "cover.jpg",
    }
    encode_original(frames, fps=fps, path=paths["original"])
    shown = preview_size(width, height)
    text = mark.mark_text(artist=artist, short_id=short_id, language=language)
    seen = mark.overlay(width=shown[0], height=shown[1], text=text)
    encode_mp4(
        _marked(frames, shown, seen),
        width=shown[0],
        height=shown[1],
        fps=fps,
        path=paths["preview"],
        crf=PREVIEW_CRF,
        preset="veryfast",
    )
    middle = _scaled(frames[len(frames) // 2], shown)
    _save(mark.apply(middle, seen), paths["poster"])
    _save(middle, paths["cover"])
    _save(_filmstrip(frames, text), paths["filmstrip"])
    return MadeFiles(paths=paths, sha256=sha256_of(paths["original"]))


def encode_original(frames: Frames, *, fps: int, path: Path) -> None:
    """Write the original, nearly lossless.

    Raises:
        ValueError: when there is no frame.
        OSError: when the file cannot be written.
    """
    height, width = frames.shape[1:3]
    encode_mp4(
        frames,
        width=width,
        height=height,
        fps=fps,
        path=path,
        crf=ORIGINAL_CRF,
        preset=ORIGINAL_PRESET,
    )


def preview_size(width: int, height: int) -> tuple[int, int]:
    """Width and height of the preview: a whole multiple for small clips, so edges stay clean."""
    short = min(width, height)
    if short < SHORT_SIDE_LEAST:
        times = math.ceil(SHORT_SIDE_LEAST / short)
        return _even(width * times), _even(height * times)
    scale = min(1.0, SHORT_SIDE_MOST / short)
    return _even(round(width * scale)), _even(round(height * scale))


def _even(side: int) -> int:
    return side + side % 2


def _scaled(frame: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    picture = Image.fromarray(frame)
    if picture.size != size:
        picture = picture.resize(size, Image.Resampling.LANCZOS)
    return np.asarray(picture)


def _marked(
    frames: Frames, size: tuple[int, int], seen: Image.Image
) -> Iterator[NDArray[np.uint8]]:
    for frame in frames:
        yield mark.apply(_scaled(frame, size), seen)


def _filmstrip(frames: Frames, text: str) -> NDArray[np.uint8]:
    count = min(TILES, len(frames))
    picked = np.linspace(0, len(frames) - 1, count).round().astype(int)
    height, width = frames.shape[1:3]
    tile = (max(2, round(width * TILE_HEIGHT / height)), TILE_HEIGHT)
    strip = np.concatenate([_scaled(frames[index], tile) for index in picked], axis=1)
    return mark.apply(strip, mark.overlay(width=strip.shape[1], height=strip.shape[0], text=text))


def _save(picture: NDArray[np.uint8], path: Path) -> None:
    Image.fromarray(picture).save(path, "JPEG", quality=88, optimize=True, progressive=True)


def sha256_of(path: Path) -> str:
    """Hex digest of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

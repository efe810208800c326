"""All files of a finished clip, made in a working folder before any of them is stored."""

from __future__ import annotations

import hashlib
import math
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generation.media import mark
from generation.media.encode import Mp4Writer
from generation.media.frames import ClipFrames

ORIGINAL_CRF = 10
ORIGINAL_PRESET = "medium"
PREVIEW_CRF = 20
PREVIEW_PRESET = "veryfast"
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
    frames: ClipFrames, *, fps: int, artist: str, short_id: str, language: str, folder: Path
) -> MadeFiles:
    """Encode original and preview, draw poster, filmstrip and cover, in one reading of *frames*.

    Args:
        artist, short_id: what the mark says; *language* is the one it says it in.

    Raises:
        ValueError: when there is no frame.
        OSError: when a file cannot be written.
        Exception: whatever making a frame raises.
    """
    count, height, width = frames.shape[:3]
    if not count:
        raise ValueError("a clip needs at least one frame")
    paths = {
        "original": folder / "original.mp4",
        "preview": folder / "preview.mp4",
        "poster": folder / "poster.jpg",
        "filmstrip": folder / "filmstrip.jpg",
        "cover": folder / "cover.jpg",
    }
    shown = preview_size(width, height)
    text = mark.mark_text(artist=artist, short_id=short_id, language=language)
    seen = mark.overlay(width=shown[0], height=shown[1], text=text)
    strip = _Filmstrip(count, width, height)
    with ExitStack() as files:
        original = files.enter_context(_original(width, height, fps=fps, path=paths["original"]))
        preview = files.enter_context(
            Mp4Writer(
                width=shown[0],
                height=shown[1],
                fps=fps,
                path=paths["preview"],
                crf=PREVIEW_CRF,
                preset=PREVIEW_PRESET,
            )
        )
        for index, frame in enumerate(frames):
            original.write(frame)
            small = _scaled(frame, shown)
            marked = mark.apply(small, seen)
            preview.write(marked)
            if index == count // 2:
                _save(marked, paths["poster"])
                _save(small, paths["cover"])
            strip.see(index, frame)
    _save(strip.picture(text), paths["filmstrip"])
    return MadeFiles(paths=paths, sha256=sha256_of(paths["original"]))


def encode_original(frames: ClipFrames, *, fps: int, path: Path) -> None:
    """Write the original, nearly lossless.

    Raises:
        ValueError: when there is no frame.
        OSError: when the file cannot be written.
    """
    height, width = frames.shape[1:3]
    with _original(width, height, fps=fps, path=path) as writer:
        for frame in frames:
            writer.write(frame)


def _original(width: int, height: int, *, fps: int, path: Path) -> Mp4Writer:
    return Mp4Writer(
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


class _Filmstrip:
    """Small pictures of frames evenly picked from a clip, side by side."""

    def __init__(self, count: int, width: int, height: int) -> None:
        self._picked = np.linspace(0, count - 1, min(TILES, count)).round().astype(int).tolist()
        self._tile = (max(2, round(width * TILE_HEIGHT / height)), TILE_HEIGHT)
        self._tiles: list[NDArray[np.uint8]] = []

    def see(self, index: int, frame: NDArray[np.uint8]) -> None:
        if index in self._picked:
            self._tiles.append(_scaled(frame, self._tile))

    def picture(self, text: str) -> NDArray[np.uint8]:
        strip = np.concatenate(self._tiles, axis=1)
        layer = mark.overlay(width=strip.shape[1], height=strip.shape[0], text=text)
        return mark.apply(strip, layer)


def _save(picture: NDArray[np.uint8], path: Path) -> None:
    Image.fromarray(picture).save(path, "JPEG", quality=88, optimize=True, progressive=True)


def sha256_of(path: Path) -> str:
    """Hex digest of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

from __future__ import annotations

import hashlib
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from generation.media import mark
from generation.media.encode import encode_mp4
from generation.media.files import MadeFiles, make_files, preview_size
from generation.media.lettering import printable

FPS = 8


def moving_square(count: int = 9, height: int = 64, width: int = 96) -> NDArray[np.uint8]:
    """A red square that moves right over a picture half dark, half light."""
    frames = np.zeros((count, height, width, 3), np.uint8)
    frames[:, :, : width // 2] = 20
    frames[:, :, width // 2 :] = 235
    for index in range(count):
        frames[index, 20:36, index * 4 : index * 4 + 16] = (220, 30, 40)
    return frames


def make(frames: NDArray[np.uint8], folder: Path, artist: str = "Ada Okafor") -> MadeFiles:
    return make_files(
        frames, fps=FPS, artist=artist, short_id="3F2A9C1B", language="en", folder=folder
    )


def decoded(path: Path) -> NDArray[np.uint8]:
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    return np.stack(frames)


def picture(path: Path) -> NDArray[np.uint8]:
    return np.asarray(Image.open(path).convert("RGB"))


def test_the_original_holds_every_frame_at_its_time_and_colour(tmp_path: Path) -> None:
    frames = moving_square()
    path = make(frames, tmp_path).paths["original"]

    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.average_rate == FPS
        assert stream.codec_context.pix_fmt == "yuv420p"
        times = [frame.time for frame in container.decode(video=0)]
    assert times == [index / FPS for index in range(9)]
    back = decoded(path)
    assert back.shape == frames.shape
    assert np.abs(back.astype(int) - frames.astype(int)).mean() < 4


def test_the_original_plays_from_its_first_bytes(tmp_path: Path) -> None:
    content = make(moving_square(), tmp_path).paths["original"].read_bytes()

    assert content.index(b"moov") < content.index(b"mdat")


def test_the_hash_is_that_of_the_originals_bytes(tmp_path: Path) -> None:
    made = make(moving_square(), tmp_path)

    content = made.paths["original"].read_bytes()
    assert made.sha256 == hashlib.sha256(content).hexdigest()


def test_the_preview_is_larger_and_marked_in_every_frame(tmp_path: Path) -> None:
    frames = moving_square()
    back = decoded(make(frames, tmp_path).paths["preview"])

    assert back.shape == (9, 512, 768, 3)
    for frame, source in zip(back, frames, strict=True):
        plain = np.asarray(Image.fromarray(source).resize((768, 512), Image.Resampling.LANCZOS))
        changed = np.abs(frame.astype(int) - plain.astype(int)).max(axis=2) > 24
        # The band at the foot, and the diagonals on the dark and the light half above it.
        assert changed[-30:].mean() > 0.4
        assert 0.005 < changed[:460, :384].mean() < 0.3
        assert 0.005 < changed[:460, 384:].mean() < 0.3


def test_the_mark_names_artist_clip_and_that_it_is_not_released() -> None:
    english = mark.mark_text(artist="Ada Okafor", short_id="3F2A9C1B", language="en")

    assert english == "Ada Okafor · 3F2A9C1B · not for release"


@pytest.mark.parametrize(
    ("name", "drawn"),
    [
        ("Zoë Łukasiewicz", "Zoë Łukasiewicz"),
        ("Nguyễn", "Nguyễn"),
        ("  A\u200bda ", "Ada"),
        ("李", ""),
    ],
)
def test_names_are_drawn_as_far_as_the_type_goes(name: str, drawn: str) -> None:
    assert printable(name) == drawn


def test_a_name_that_cannot_be_drawn_leaves_the_clips_id() -> None:
    text = mark.mark_text(artist="李", short_id="3F2A9C1B", language="en")

    assert text == "3F2A9C1B · not for release"


def test_a_very_long_name_still_fits(tmp_path: Path) -> None:
    text = mark.mark_text(artist="Wolfeschlegelstein " * 6, short_id="3F2A9C1B", language="en")

    layer = np.asarray(mark.overlay(width=512, height=512, text=text))
    inked = (layer[400:, :, :3].min(axis=2) > 200) & (layer[400:, :, 3] > 200)
    columns = np.flatnonzero(inked.any(axis=0))
    assert columns.min() > 4
    assert columns.max() < 507


def test_poster_and_filmstrip_are_marked_and_the_cover_is_not(tmp_path: Path) -> None:
    frames = moving_square()
    paths = make(frames, tmp_path).paths
    plain = np.asarray(Image.fromarray(frames[4]).resize((768, 512), Image.Resampling.LANCZOS))

    poster, cover, strip = (picture(paths[name]) for name in ("poster", "cover", "filmstrip"))

    assert np.abs(cover.astype(int) - plain.astype(int)).mean() < 3
    assert np.abs(poster.astype(int) - cover.astype(int)).max(axis=2)[-30:].mean() > 40
    assert strip.shape == (144, 8 * 216, 3)


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        ((128, 128), (512, 512)),
        ((64, 96), (512, 768)),
        ((832, 480), (1664, 960)),
        ((1280, 720), (1280, 720)),
        ((1920, 1080), (1280, 720)),
        ((515, 601), (516, 602)),
    ],
)
def test_the_preview_has_even_sides_of_a_useful_size(
    size: tuple[int, int], shown: tuple[int, int]
) -> None:
    assert preview_size(*size) == shown


def test_odd_sizes_grow_by_one_pixel(tmp_path: Path) -> None:
    path = tmp_path / "odd.mp4"

    encode_mp4(
        moving_square(3, 33, 47), width=47, height=33, fps=FPS, path=path, crf=10, preset="fast"
    )

    assert decoded(path).shape == (3, 34, 48, 3)


def test_no_frames_are_no_clip(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one frame"):
        make(np.zeros((0, 32, 32, 3), np.uint8), tmp_path)

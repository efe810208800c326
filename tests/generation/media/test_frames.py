from __future__ import annotations

import hashlib
import weakref
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from generation.media.files import make_files
from generation.media.frames import Frame, FramesDigest, FrameStream


class Watched:
    """Frames of a stream, and how many of them were alive at once."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.alive = 0
        self.most_alive = 0

    def __iter__(self) -> Iterator[Frame]:
        for index in range(self.count):
            frame = np.full((64, 96, 3), index, np.uint8)
            weakref.finalize(frame, self._gone)
            self.alive += 1
            self.most_alive = max(self.most_alive, self.alive)
            yield frame
            del frame

    def _gone(self) -> None:
        self.alive -= 1


@pytest.mark.parametrize("count", [9, 90])
def test_however_long_the_clip_two_frames_are_alive(count: int, tmp_path: Path) -> None:
    watched = Watched(count)

    made = make_files(
        FrameStream((count, 64, 96, 3), iter(watched)),
        fps=8,
        artist="Ada Okafor",
        short_id="3F2A9C1B",
        language="en",
        folder=tmp_path,
    )

    assert (watched.most_alive, watched.alive) == (2, 0)
    assert all(path.stat().st_size for path in made.paths.values())


def test_a_stream_makes_the_same_files_as_an_array(tmp_path: Path) -> None:
    frames = np.random.default_rng(1).integers(0, 256, (9, 64, 96, 3), np.uint8)
    for name, given in (("array", frames), ("stream", FrameStream((9, 64, 96, 3), iter(frames)))):
        (tmp_path / name).mkdir()
        make_files(
            given, fps=8, artist="Ada", short_id="3F2A", language="en", folder=tmp_path / name
        )

    # x264 was seen to encode tiny frames otherwise once in a while; pictures never differ.
    for file in ("poster.jpg", "cover.jpg", "filmstrip.jpg"):
        assert (tmp_path / "array" / file).read_bytes() == (tmp_path / "stream" / file).read_bytes()


def test_what_making_a_frame_raises_comes_out(tmp_path: Path) -> None:
    def frames() -> Iterator[Frame]:
        yield np.zeros((64, 96, 3), np.uint8)
        raise LookupError("the decoder broke")

    with pytest.raises(LookupError, match="the decoder broke"):
        make_files(
            FrameStream((9, 64, 96, 3), frames()),
            fps=8,
            artist="Ada",
            short_id="3F2A",
            language="en",
            folder=tmp_path,
        )


def test_the_digest_is_of_the_shape_and_all_bytes() -> None:
    frames = np.random.default_rng(1).integers(0, 256, (3, 4, 5, 3), np.uint8)
    digest = FramesDigest(frames.shape)

    passed = np.stack(list(digest.reading(iter(frames))))

    assert np.array_equal(passed, frames)
    assert digest.hexdigest() == hashlib.sha256(b"3x4x5x3\n" + frames.tobytes()).hexdigest()


def test_a_stream_can_be_collected() -> None:
    frames = np.random.default_rng(1).integers(0, 256, (3, 4, 5, 3), np.uint8)

    assert np.array_equal(np.asarray(FrameStream((3, 4, 5, 3), iter(frames))), frames)

"""An extension's file: what it extends, one frame at a time, and then what was rendered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from django.core.files.storage import default_storage
from PIL import Image, ImageOps

from generation.errors import FileMissing, InputMissing
from generation.media import store
from generation.media.decode import spread
from generation.media.frames import Frame, FrameStream
from generation.media.videos import require_bytes
from generation.models.clip import REPEATED
from generation.states import Variant

if TYPE_CHECKING:
    from generation.media.frames import ClipFrames
    from generation.models import Clip


def with_lead(
    clip: Clip, frames: ClipFrames, *, begins: Callable[[], None] = lambda: None
) -> ClipFrames:
    """*frames* of an extension after those it begins with; of other clips, they alone.

    Args:
        begins: called before the first of *frames* is made.

    Raises:
        InputMissing: while the frames are read, as ``require_lead``.
    """
    if not clip.lead_frames:
        return frames
    shape = (clip.file_frames, *frames.shape[1:])

    def whole() -> Iterator[Frame]:
        yield from _lead_of(clip, width=shape[2], height=shape[1])
        begins()
        yield from islice(iter(frames), REPEATED, None)

    return FrameStream(shape, whole())


def require_lead(clip: Clip) -> None:
    """Before any GPU time: what *clip* begins with is there.

    Raises:
        InputMissing: it was deleted or removed, or its bytes are others than were recorded.
    """
    if clip.lead_frames:
        with _opened(clip):
            pass


def lead_facts(clip: Clip) -> dict[str, Any] | None:
    """For the manifest: the file that was put before, by its bytes, and how many frames are its.

    ``repeated`` is how many rendered frames were left out, being the last one of those again.
    """
    if not clip.lead_frames:
        return None
    counted = {"frames": clip.lead_frames, "repeated": REPEATED}
    if clip.start_picture is not None:
        video = clip.start_picture
        return {"video": str(video.pk), "sha256": video.video_sha256, **counted}
    if clip.source is None:
        raise InputMissing
    return {"clip": str(clip.source.pk), "sha256": clip.source.sha256, **counted}


def _lead_of(clip: Clip, *, width: int, height: int) -> Iterator[Frame]:
    """The frames the file begins with, scaled and cut from their middle as the model sees them."""
    with _opened(clip) as (file, have):
        try:
            for frame in spread(file, have=have, wanted=clip.lead_frames):
                yield _fitted(frame, width, height)
        except (OSError, ValueError) as error:
            raise InputMissing from error


@contextmanager
def _opened(clip: Clip) -> Iterator[tuple[IO[bytes], int]]:
    """The file that *clip* begins with, and how many frames it has."""
    try:
        if clip.start_picture is not None:
            video = clip.start_picture
            if not video.video:
                raise FileMissing
            opened: IO[bytes] = default_storage.open(str(video.video), "rb")
            have, sha256 = video.video_frames, video.video_sha256
        elif clip.source is not None:
            opened = store.open_variant(clip.source, Variant.ORIGINAL)
            have, sha256 = clip.source.file_frames, clip.source.sha256
        else:
            raise FileMissing
    except (FileMissing, OSError) as error:
        raise InputMissing from error
    with opened:
        try:
            require_bytes(opened, sha256=sha256)
        except OSError as error:
            raise InputMissing from error
        yield opened, have


def _fitted(frame: Frame, width: int, height: int) -> Frame:
    if frame.shape[:2] == (height, width):
        return frame
    fit = ImageOps.fit(Image.fromarray(frame), (width, height), Image.Resampling.LANCZOS)
    return np.asarray(fit, np.uint8)

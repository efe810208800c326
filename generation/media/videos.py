"""Uploads that must be videos: read by a process of their own and written anew.

As with pictures, what is stored is never the uploaded file but a fresh encoding of its frames.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import IO

import av
import numpy as np
from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from generation.errors import NotAVideo, VideoTooLarge
from generation.media import intake

# A minute of video at the largest size takes about half of it on one core.
PATIENCE = 60


@dataclass(frozen=True, kw_only=True)
class TakenIn:
    """Files that last as long as the context: an MP4 of *frames* frames, its last one as a PNG.

    Sizes in pixels; the digests are hex SHA-256 of the files' bytes.
    """

    video: Path
    video_sha256: str
    frames: int
    last: Path
    last_sha256: str
    width: int
    height: int


def looks_like_video(upload: UploadedFile[bytes]) -> bool:
    """Whether *upload* begins as an MP4, QuickTime, WebM or Matroska file does."""
    head = upload.read(12)
    upload.seek(0)
    return intake.kind_of(head) is not None


@contextmanager
def taken_in(upload: UploadedFile[bytes], *, field: str) -> Iterator[TakenIn]:
    """Decode *upload* and encode it anew, no side longer than ``intake.LONGEST_SIDE``.

    Raises:
        VideoTooLarge: more bytes, frames, seconds or pixels than are taken.
        NotAVideo: it is no MP4, QuickTime or WebM file, or it is damaged.
    """
    most = settings.GENERATION_VIDEO_UPLOAD_MB
    if (upload.size or 0) > most * 2**20:
        raise VideoTooLarge(
            _("That video is larger than %(size)s MB.") % {"size": most}, field=field
        )
    if not looks_like_video(upload):
        raise NotAVideo(field=field)
    with tempfile.TemporaryDirectory(prefix="greenroom-video-") as name:
        folder = Path(name)
        told = _read(_path_of(upload, folder), folder, field)
        video, last = folder / intake.VIDEO, folder / intake.LAST
        yield TakenIn(
            video=video,
            video_sha256=_digest(video),
            last=last,
            last_sha256=_digest(last),
            **told,
        )


def frames_evenly(file: IO[bytes], *, have: int, wanted: int) -> NDArray[np.uint8]:
    """*wanted* frames spread evenly over the *have* of an MP4 of ours, no others held.

    Returns:
        (wanted, height, width, 3), 8 bits, sRGB.

    Raises:
        OSError: the file cannot be read or holds fewer frames.
    """
    picked = np.linspace(0, have - 1, wanted).round().astype(int).tolist()
    frames: list[NDArray[np.uint8]] = []
    with av.open(file, "r") as container:
        for index, frame in enumerate(container.decode(video=0)):
            times = picked.count(index)
            if times:
                frames += [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)] * times
    if len(frames) != wanted:
        raise OSError("the video holds other frames than were counted")
    return np.stack(frames)


def rate_of(file: IO[bytes]) -> Fraction:
    """Frames a second of an MP4 of ours.

    Raises:
        OSError: the file cannot be read.
    """
    with av.open(file, "r") as container:
        rate = container.streams.video[0].average_rate
    if not rate:
        raise OSError("the video says no rate")
    return rate


def require_bytes(file: IO[bytes], *, sha256: str) -> None:
    """Raise OSError when the digest of *file* is not *sha256*; it is at its beginning after."""
    if hashlib.file_digest(file, "sha256").hexdigest() != sha256:  # type: ignore[arg-type]
        raise OSError(f"a video has other bytes than those of {sha256}")
    file.seek(0)


def _path_of(upload: UploadedFile[bytes], folder: Path) -> Path:
    if isinstance(upload, TemporaryUploadedFile):
        return Path(upload.temporary_file_path())
    path = folder / "upload"
    with path.open("wb") as copy:
        for chunk in upload.chunks():
            copy.write(chunk)
    return path


def _read(source: Path, folder: Path, field: str) -> dict[str, int]:
    command = [sys.executable, "-m", intake.__name__, str(source.resolve()), name := str(folder)]
    try:
        done = subprocess.run(
            command,
            cwd=settings.BASE_DIR,
            env={"TMPDIR": name},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise VideoTooLarge(field=field) from error
    match done.returncode:
        case 0:
            told: dict[str, int] = json.loads(done.stdout)
            return told
        case intake.TOO_LONG:
            raise VideoTooLarge(
                _("A video may have %(frames)s frames and last %(seconds)s seconds.")
                % {"frames": intake.MOST_FRAMES, "seconds": intake.MOST_SECONDS},
                field=field,
            )
        case intake.TOO_LARGE:
            raise VideoTooLarge(field=field)
        case _:
            raise NotAVideo(field=field)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

"""What leaked copies go through, from the marked frames to the frames somebody uploads."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import TypeAlias, cast

import av
import cv2
import numpy as np

from generation.media.frames import Frame

Frames: TypeAlias = Sequence[Frame]
Attack: TypeAlias = Callable[[Frames], list[Frame]]

_RATE = 24


def encoded(
    frames: Frames, *, codec: str = "libx264", rate: int = _RATE, **options: str
) -> list[Frame]:
    """*frames* written and read again by *codec*."""
    file = io.BytesIO()
    height, width = (side - side % 2 for side in frames[0].shape[:2])
    container = "webm" if codec.startswith("libvpx") else "mp4"
    with av.open(file, "w", format=container) as out:
        stream = cast("av.VideoStream", out.add_stream(codec, rate=Fraction(rate)))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        # Keywords have no hyphens, and one option has.
        stream.options = {name.replace("_", "-"): value for name, value in options.items()}
        for frame in frames:
            picture = av.VideoFrame.from_ndarray(
                np.ascontiguousarray(frame[:height, :width]), format="rgb24"
            )
            out.mux(stream.encode(picture))
        out.mux(stream.encode(None))
    file.seek(0)
    with av.open(file, "r") as back:
        return [
            np.asarray(picture.to_ndarray(format="rgb24"), np.uint8)
            for picture in back.decode(video=0)
        ]


def crf(quality: int) -> Attack:
    return lambda frames: encoded(frames, crf=str(quality), preset="veryfast")


def _each(change: Callable[[Frame], Frame], *, quality: int = 23) -> Attack:
    return lambda frames: crf(quality)([change(frame) for frame in frames])


def _sized(frame: Frame, factor: float) -> Frame:
    height, width = frame.shape[:2]
    size = (round(width * factor) // 2 * 2, round(height * factor) // 2 * 2)
    return np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8)


def _cropped(frame: Frame, share: float) -> Frame:
    height, width = frame.shape[:2]
    top, left = round(height * share / 2), round(width * share / 2)
    return np.ascontiguousarray(frame[top : height - top, left : width - left])


def _turned(frame: Frame, degrees: float) -> Frame:
    height, width = frame.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    return np.asarray(cv2.warpAffine(frame, turn, (width, height)), np.uint8)


def _lighter(frame: Frame) -> Frame:
    level = np.arange(256) / 255
    curve = np.clip(255 * (1.15 * level**0.9 + 0.02), 0, 255).astype(np.uint8)
    return curve[frame]


def slower(frames: Frames, *, rate: int = 15) -> list[Frame]:
    """*frames* at 24 a second shown at *rate*: the nearest of each moment."""
    count = max(1, len(frames) * rate // _RATE)
    return [frames[min(len(frames) - 1, round(number * _RATE / rate))] for number in range(count)]


def _screen(frames: Frames) -> list[Frame]:
    """Filmed off a screen by its recorder: scaled, toned, a little blurred, grain, other rate."""
    chance = np.random.default_rng(len(frames))
    seen = []
    for frame in slower(frames, rate=20):
        soft = cv2.GaussianBlur(_sized(frame, 0.9), (0, 0), 0.7)
        picture = 255 * np.clip(np.asarray(soft, np.float64) * 0.94 / 255 + 0.02, 0, 1) ** 1.08
        picture += chance.normal(0, 3, picture.shape)
        seen.append(np.clip(picture, 0, 255).astype(np.uint8))
    return crf(26)(seen)


def _all_at_once(frames: Frames) -> list[Frame]:
    """Cropped by a tenth, 70% of the size, another rate, CRF 28."""
    return crf(28)([_sized(_cropped(frame, 0.1), 0.7) for frame in slower(frames)])


def _third(frames: Frames) -> list[Frame]:
    third = max(3, len(frames) // 3)
    return crf(23)(frames[third : 2 * third])


ATTACKS: Mapping[str, Attack] = {
    "as downloaded": crf(16),
    "CRF 23": crf(23),
    "CRF 28": crf(28),
    "CRF 33": crf(33),
    "50% scale": _each(lambda frame: _sized(frame, 0.5)),
    "crop 10%": _each(lambda frame: _cropped(frame, 0.1)),
    "mirror": _each(lambda frame: np.ascontiguousarray(frame[:, ::-1])),
    "rotation 5°": _each(lambda frame: _turned(frame, 5)),
    "24 → 15 fps": lambda frames: crf(23)(slower(frames)),
    "trim to a third": _third,
    "tone": _each(_lighter),
    "blur": _each(lambda frame: np.asarray(cv2.GaussianBlur(frame, (0, 0), 1.5), np.uint8)),
    "screen-like": _screen,
    "VP9": lambda frames: encoded(
        frames, codec="libvpx-vp9", crf="35", b="0", deadline="realtime", cpu_used="6"
    ),
    "AV1": lambda frames: encoded(frames, codec="libsvtav1", crf="38", preset="10"),
    "crop, 70%, 15 fps, CRF 28": _all_at_once,
}

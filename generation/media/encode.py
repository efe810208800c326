"""Frames to MP4. Sizes in pixels, a frame is a (height, width, 3) array of 8 bits, sRGB."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import av
import numpy as np
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from generation.media.frames import Frame


def encode_mp4(
    frames: Iterable[Frame],
    *,
    width: int,
    height: int,
    fps: int | Fraction,
    path: Path,
    crf: int,
    preset: str,
) -> None:
    """Write all of *frames* as ``Mp4Writer`` does.

    Raises:
        ValueError: when there is no frame.
        OSError: when the file cannot be written.
    """
    with Mp4Writer(
        width=width, height=height, fps=fps, path=path, crf=crf, preset=preset
    ) as writer:
        for frame in frames:
            writer.write(frame)


class Mp4Writer:
    """H.264 in yuv420p, playable from its first bytes, exactly *fps* frames a second.

    Odd sizes are grown by one pixel, since chroma is stored for pairs. Every frame can be sought
    to the exact picture: presentation times are whole multiples of 1/fps. Beside the file it holds
    as many frames as the encoder looks ahead, however long the clip.

    Args:
        fps: whole, or a fraction such as 24000/1001.
        crf: x264's quality; 10 is hard to tell from the source, 20 is for previews.
        preset: x264's name for how long it may look for a smaller file.

    Raises:
        ValueError: at the end, when there was no frame.
        OSError: when the file cannot be written.
    """

    def __init__(
        self,
        *,
        width: int,
        height: int,
        fps: int | Fraction,
        path: Path,
        crf: int,
        preset: str,
    ) -> None:
        self._step = 1 / Fraction(fps)
        self._count = 0
        self._container = av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"})
        stream = self._container.add_stream("libx264", rate=Fraction(fps))
        stream.width = width + width % 2
        stream.height = height + height % 2
        stream.pix_fmt = "yuv420p"
        stream.time_base = self._step
        stream.codec_context.time_base = self._step
        # Without these tags players guess the matrix from the size, and colours shift.
        stream.codec_context.color_range = ColorRange.MPEG
        stream.codec_context.colorspace = Colorspace.ITU709
        stream.codec_context.color_primaries = ColorPrimaries.BT709
        stream.codec_context.color_trc = ColorTrc.BT709
        # A key frame each second keeps stepping and seeking quick.
        stream.options = {
            "crf": str(crf),
            "preset": preset,
            "g": str(round(fps)),
            "tune": "animation",
        }
        self._stream = stream

    def __enter__(self) -> Mp4Writer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._container:
            if error is None:
                if not self._count:
                    raise ValueError("a video needs at least one frame")
                self._container.mux(self._stream.encode(None))

    def write(self, frame: Frame) -> None:
        """Add *frame* (height, width, 3), of the size that was named."""
        picture = av.VideoFrame.from_ndarray(_even(frame), format="rgb24")
        picture = picture.reformat(
            format="yuv420p",
            src_colorspace=Colorspace.DEFAULT,
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
        )
        picture.pts = self._count
        picture.time_base = self._step
        self._container.mux(self._stream.encode(picture))
        self._count += 1


def _even(frame: Frame) -> Frame:
    height, width = frame.shape[:2]
    if height % 2 or width % 2:
        frame = np.pad(frame, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    return np.ascontiguousarray(frame)

"""Frames to MP4. Sizes in pixels, frames as (count, height, width, 3) arrays of 8 bits, sRGB."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from numpy.typing import NDArray

Frame = NDArray[np.uint8]


def encode_mp4(
    frames: Iterable[Frame], *, width: int, height: int, fps: int, path: Path, crf: int, preset: str
) -> None:
    """Write H.264 in yuv420p, playable from its first bytes, exactly *fps* frames a second.

    Odd sizes are grown by one pixel, since chroma is stored for pairs. Every frame can be sought
    to the exact picture: presentation times are whole multiples of 1/fps.

    Args:
        crf: x264's quality; 10 is hard to tell from the source, 20 is for previews.
        preset: x264's name for how long it may look for a smaller file.

    Raises:
        ValueError: when there is no frame.
        OSError: when the file cannot be written.
    """
    even_width, even_height = width + width % 2, height + height % 2
    rate = Fraction(fps, 1)
    count = 0
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=rate)
        stream.width = even_width
        stream.height = even_height
        stream.pix_fmt = "yuv420p"
        stream.time_base = 1 / rate
        stream.codec_context.time_base = 1 / rate
        # Without these tags players guess the matrix from the size, and colours shift.
        stream.codec_context.color_range = ColorRange.MPEG
        stream.codec_context.colorspace = Colorspace.ITU709
        stream.codec_context.color_primaries = ColorPrimaries.BT709
        stream.codec_context.color_trc = ColorTrc.BT709
        # A key frame each second keeps stepping and seeking quick.
        stream.options = {"crf": str(crf), "preset": preset, "g": str(fps), "tune": "animation"}
        for frame in frames:
            picture = av.VideoFrame.from_ndarray(_even(frame), format="rgb24")
            picture = picture.reformat(
                format="yuv420p",
                src_colorspace=Colorspace.DEFAULT,
                dst_colorspace=Colorspace.ITU709,
                dst_color_range=ColorRange.MPEG,
            )
            picture.pts = count
            picture.time_base = 1 / rate
            container.mux(stream.encode(picture))
            count += 1
        if not count:
            raise ValueError("a video needs at least one frame")
        container.mux(stream.encode(None))


def _even(frame: Frame) -> Frame:
    height, width = frame.shape[:2]
    if height % 2 or width % 2:
        frame = np.pad(frame, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    return np.ascontiguousarray(frame)

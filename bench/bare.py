"""What somebody would write who has a pipeline and wants its clips as MP4s, and nothing else."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.product import PROMPT

if TYPE_CHECKING:
    from generation.pipelines.base import LoadedModel


def bare_loop(model: LoadedModel, *, clips: int) -> Callable[[], None]:
    """Call *model*'s pipeline for one clip after the other; encode original and marked preview."""
    import numpy as np
    import torch
    from PIL import Image

    from generation.media.encode import encode_mp4
    from generation.media.files import (
        ORIGINAL_CRF,
        ORIGINAL_PRESET,
        PREVIEW_CRF,
        PREVIEW_PRESET,
        preview_size,
    )
    from generation.media.mark import apply, mark_text, overlay

    entry = model.entry
    size = entry.sizes[0]
    pipe: Any = model._pipe  # type: ignore[attr-defined]
    shown = preview_size(size.width, size.height)
    text = mark_text(artist="Ada Okafor", short_id="3F2A9C1B", language="en")
    layer = overlay(width=shown[0], height=shown[1], text=text)

    lanczos = Image.Resampling.LANCZOS

    def loop() -> None:
        for seed in range(clips):
            output = pipe(
                prompt=PROMPT,
                negative_prompt=entry.negative_prompt or None,
                width=size.width,
                height=size.height,
                num_frames=entry.lengths[0],
                num_inference_steps=int(entry.steps.default),
                guidance_scale=float(entry.guidance.default),
                generator=torch.Generator("cpu").manual_seed(seed),
                max_sequence_length=entry.max_sequence_length,
                output_type="np",
            )
            frames = (output.frames[0].clip(0.0, 1.0) * 255.0).round().astype(np.uint8)
            with tempfile.TemporaryDirectory() as name:
                encode_mp4(
                    frames,
                    width=size.width,
                    height=size.height,
                    fps=entry.fps,
                    path=Path(name) / "original.mp4",
                    crf=ORIGINAL_CRF,
                    preset=ORIGINAL_PRESET,
                )
                encode_mp4(
                    (
                        apply(np.asarray(Image.fromarray(frame).resize(shown, lanczos)), layer)
                        for frame in frames
                    ),
                    width=shown[0],
                    height=shown[1],
                    fps=entry.fps,
                    path=Path(name) / "preview.mp4",
                    crf=PREVIEW_CRF,
                    preset=PREVIEW_PRESET,
                )

    return loop

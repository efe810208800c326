"""What a clip was made with, for replaying it and for the reviewer's desk."""

from __future__ import annotations

import platform
from importlib import metadata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from generation.models import Clip
    from generation.pipelines.base import LoadedModel

_LIBRARIES = ("torch", "diffusers", "transformers", "av", "numpy")


def manifest_of(clip: Clip, model: LoadedModel, *, worker: str, number: int) -> dict[str, Any]:
    """JSON values only. Rerunning with the same manifest gives the same frames on a CPU."""
    entry = model.entry
    source = entry.weights.hub or (entry.weights.folder.name if entry.weights.folder else "")
    return {
        "model": entry.key,
        "title": entry.title,
        "pipeline": entry.pipeline,
        "weights": source,
        "weights_revision": entry.weights.revision,
        "weights_sha256": model.weights_sha256,
        "adapters": [],
        "prompt": clip.prompt,
        "negative_prompt": entry.negative_prompt,
        "seed": clip.seed,
        "width": clip.width,
        "height": clip.height,
        "frames": clip.frames,
        "fps": clip.fps,
        "steps": clip.steps,
        "guidance": f"{clip.guidance:.2f}",
        "scheduler": model.scheduler,
        "dtype": entry.runtime.dtype,
        "vae_dtype": entry.runtime.vae_dtype,
        "device": model.device_name,
        # Frames of a batch differ in their last bits from those of a clip rendered alone.
        "batch": [str(clip.pk)],
        "attempt": number,
        "worker": worker,
        "versions": {
            "python": platform.python_version(),
            **{name: metadata.version(name) for name in _LIBRARIES},
        },
    }

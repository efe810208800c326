"""What a clip was made with, for replaying it and for the reviewer's desk."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from importlib import metadata
from typing import TYPE_CHECKING, Any

from generation.media.files import ORIGINAL_CRF, ORIGINAL_PRESET
from generation.worker.lead import lead_facts
from generation.worker.start import input_facts

if TYPE_CHECKING:
    from generation.catalogue import Entry
    from generation.models import Clip
    from generation.pipelines.base import LoadedModel

_LIBRARIES = ("torch", "diffusers", "transformers", "tokenizers", "peft", "av", "numpy", "pillow")


def manifest_of(
    clip: Clip,
    model: LoadedModel,
    *,
    frames_sha256: str,
    worker: str,
    number: int,
    batch: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """JSON values only. Rerunning with the same manifest gives the same frames on a CPU.

    ``frames`` are those that were rendered; ``lead`` says what an extension's file has before them.

    Args:
        frames_sha256: see ``media.frames.FramesDigest``.
        batch: names a call for several clips by its id (see ``Attempt.batch``) and, of the clips
            claimed for it, those it rendered, by their places. Nothing in it tells whose they are.
    """
    entry = model.entry
    source = entry.weights.hub or (entry.weights.folder.name if entry.weights.folder else "")
    return {
        "model": entry.key,
        "title": entry.title,
        "pipeline": entry.pipeline,
        "weights": source,
        "weights_revision": entry.weights.revision,
        "weights_sha256": model.weights_sha256,
        "adapters": adapter_facts(clip, entry),
        "input": input_facts(clip, entry),
        "lead": lead_facts(clip),
        "prompt": clip.prompt,
        "negative_prompt": entry.negative_prompt,
        "seed": clip.seed,
        "width": clip.width,
        "height": clip.height,
        "frames": clip.frames,
        "fps": clip.fps,
        "steps": clip.steps,
        "guidance": f"{clip.guidance:.2f}",
        "scheduler": dict(model.scheduler),
        "dtype": entry.runtime.dtype,
        "vae_dtype": entry.runtime.vae_dtype,
        # Caches decide over a whole batch, so they are off in one.
        "runtime": {**model.facts, **({"step_cache": None} if batch else {})},
        "device": model.device_name,
        # Frames of a batch differ in their last bits from those of a clip rendered alone.
        "batch": dict(batch) if batch else None,
        "attempt": number,
        "worker": worker,
        "frames_sha256": frames_sha256,
        # x264 cuts its work by the number of processors, and the bytes follow.
        "encoder": {"crf": ORIGINAL_CRF, "preset": ORIGINAL_PRESET, "cpus": os.cpu_count()},
        "versions": versions(),
    }


def adapter_facts(clip: Clip, entry: Entry) -> list[dict[str, str]]:
    """The adapter the clip wore, by its bytes; an empty list for none."""
    adapter = entry.adapter(clip.adapter_key) if clip.adapter_key else None
    if adapter is None:
        return []
    return [
        {
            "key": adapter.key,
            "title": adapter.title,
            "sha256": adapter.sha256,
            "weight": f"{clip.adapter_weight:.2f}",
        }
    ]


def versions() -> dict[str, str]:
    """Of Python and of every library that decides about the frames or the file."""
    return {
        "python": platform.python_version(),
        **{name: metadata.version(name) for name in _LIBRARIES},
    }

"""Rendering a finished clip again from its stored manifest, and comparing. Writes no row."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generation.catalogue.entries import every_entry
from generation.catalogue.runtime import StepCache
from generation.errors import ReplayRefused
from generation.media.files import encode_original, sha256_of
from generation.media.frames import FramesDigest, FrameStream
from generation.pipelines import weights
from generation.pipelines.base import Job
from generation.pipelines.loading import load
from generation.worker.manifest import versions
from generation.worker.start import adapter_of, input_of

if TYPE_CHECKING:
    from generation.catalogue import Entry
    from generation.models import Clip
    from generation.pipelines.base import LoadedModel


@dataclass(frozen=True, kw_only=True)
class Replay:
    """What came of it.

    Attributes:
        frames_agree: whether the frames before encoding are the same to the last bit.
        file_agrees: whether the original's bytes are.
        differences: what is other than it was then, one sentence each; empty where both must
            agree.
    """

    frames_agree: bool
    file_agrees: bool
    differences: tuple[str, ...]


def replay(clip: Clip, *, keep: Path | None = None) -> Replay:
    """Render *clip* from its manifest on this machine; with *keep* the file stays there.

    Raises:
        ReplayRefused: when the clip has no full manifest, its model is not in the catalogue, or
            the weights are not those it was made with.
        RenderError: when rendering fails.
    """
    manifest: Mapping[str, Any] = clip.manifest
    if not clip.sha256 or "frames_sha256" not in manifest:
        raise ReplayRefused("this clip has no manifest that says how to make it again")
    entry = _entry_of(manifest)
    found = weights.digest(weights.local_folder(entry.weights))
    if found != manifest["weights_sha256"]:
        raise ReplayRefused(
            f"it was made with weights {manifest['weights_sha256']}, "
            f"those of {entry.key} are now {found}"
        )
    with tempfile.TemporaryDirectory(prefix="greenroom-replay-") as folder:
        path = keep or Path(folder) / "original.mp4"
        model = load(entry)
        try:
            frames = model.render(_job(clip, entry), lambda step: None)
            digest = FramesDigest(frames.shape)
            read = FrameStream(frames.shape, digest.reading(iter(frames)))
            encode_original(read, fps=manifest["fps"], path=path)
            differences = _differences(manifest, model)
        finally:
            model.close()
        return Replay(
            frames_agree=digest.hexdigest() == manifest["frames_sha256"],
            file_agrees=sha256_of(path) == clip.sha256,
            differences=differences,
        )


def _entry_of(manifest: Mapping[str, Any]) -> Entry:
    """The catalogue's entry with everything that decides about frames as it was then."""
    entry = every_entry().get(manifest["model"])
    if entry is None:
        raise ReplayRefused(f"the catalogue no longer has {manifest['model']}")
    then = manifest["runtime"]
    cache = then["step_cache"]
    start = manifest["input"]
    for worn in manifest["adapters"]:
        adapter = entry.adapter(worn["key"])
        if adapter is None or adapter.sha256 != worn["sha256"]:
            raise ReplayRefused(
                f"it was made with the adapter {worn['key']} of {worn['sha256']}, "
                f"which {entry.key} no longer has"
            )
    return replace(
        entry,
        strength=Decimal(start["strength"]) if start else entry.strength,
        pipeline=manifest["pipeline"],
        negative_prompt=manifest["negative_prompt"],
        max_sequence_length=then["max_sequence_length"],
        runtime=replace(
            entry.runtime,
            dtype=manifest["dtype"],
            vae_dtype=manifest["vae_dtype"],
            attention=then["attention"],
            compile=then["compiled"],
            vae_tiling=then["vae_tiling"],
            vae_slicing=then["vae_slicing"],
            step_cache=cache and StepCache(cache["kind"], Decimal(cache["threshold"])),
            cpu_threads=then.get("threads", entry.runtime.cpu_threads),
        ),
    )


def _job(clip: Clip, entry: Entry) -> Job:
    manifest: Mapping[str, Any] = clip.manifest
    return Job(
        **{
            name: manifest[name]
            for name in ("prompt", "width", "height", "frames", "fps", "steps", "seed")
        },
        guidance=float(manifest["guidance"]),
        **adapter_of(clip),
        **input_of(clip, entry),
    )


def _differences(manifest: Mapping[str, Any], model: LoadedModel) -> tuple[str, ...]:
    now: dict[str, Any] = {
        "device": model.device_name,
        "scheduler": dict(model.scheduler),
        "processors": os.cpu_count(),
        **versions(),
    }
    then: dict[str, Any] = {
        "device": manifest["device"],
        "scheduler": manifest["scheduler"],
        "processors": manifest["encoder"]["cpus"],
        **manifest["versions"],
    }
    told = [
        f"{name} was {then.get(name)}, is {now.get(name)}"
        for name in sorted(now | then)
        if now.get(name) != then.get(name)
    ]
    if len(manifest["batch"]) > 1:
        told.append(f"it was rendered in a batch of {len(manifest['batch'])}")
    return tuple(told)

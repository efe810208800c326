"""Rendering a finished clip again from its stored manifest, and comparing. Writes no row."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from generation.catalogue.entries import every_entry
from generation.catalogue.runtime import StepCache
from generation.errors import FileMissing, OutOfMemory, ReplayRefused
from generation.media import store
from generation.media.decode import read_frames
from generation.media.files import encode_original, sha256_of
from generation.media.frames import ClipFrames, FramesDigest, FrameStream
from generation.models import Attempt
from generation.pipelines import weights
from generation.pipelines.base import Job
from generation.pipelines.loading import load
from generation.states import Variant
from generation.worker.lead import with_lead
from generation.worker.manifest import versions
from generation.worker.start import adapter_of, input_of

if TYPE_CHECKING:
    from generation.catalogue import Entry
    from generation.models import Clip
    from generation.pipelines.base import LoadedModel

# Mean difference of a channel, of 255, that two compressions of all but the same frames may have.
ALIKE = 1.0


@dataclass(frozen=True, kw_only=True)
class Replay:
    """What came of it.

    Attributes:
        frames_agree: whether the frames before encoding are the same to the last bit.
        frames_alike: whether they are at least the same but for rounding; asked only of a clip of
            a batch that was now rendered alone.
        file_agrees: whether the original's bytes are.
        differences: what is other than it was then, one sentence each; empty where both must
            agree.
    """

    frames_agree: bool
    frames_alike: bool
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
    jobs, place = _call_of(clip, entry)
    with tempfile.TemporaryDirectory(prefix="greenroom-replay-") as folder:
        path = keep or Path(folder) / "original.mp4"
        model = load(entry)
        try:
            try:
                digest = _written(model.render_batch(jobs, _unwatched)[place], clip, path)
            except OutOfMemory:
                if len(jobs) == 1:
                    raise
                model.close()
                model = load(entry)
                jobs = jobs[place : place + 1]
                digest = _written(model.render(jobs[0], _unwatched), clip, path)
            differences = _differences(manifest, model, size=len(jobs))
        finally:
            model.close()
        agree = digest == manifest["frames_sha256"]
        return Replay(
            frames_agree=agree,
            frames_alike=agree or (_size(manifest) > len(jobs) and _alike(clip, path)),
            file_agrees=sha256_of(path) == clip.sha256,
            differences=differences,
        )


def _unwatched(step: int) -> None:
    """Nobody looks on."""


def _written(rendered: ClipFrames, clip: Clip, path: Path) -> str:
    """Encode *rendered*, after what *clip* extends, to *path* and answer the digest of all."""
    frames = with_lead(clip, rendered)
    digest = FramesDigest(frames.shape)
    read = FrameStream(frames.shape, digest.reading(iter(frames)))
    encode_original(read, fps=clip.manifest["fps"], path=path)
    return digest.hexdigest()


def _size(manifest: Mapping[str, Any]) -> int:
    """How many clips were rendered in the call; older manifests hold a list of one here."""
    batch = manifest["batch"]
    return len(batch["places"]) if isinstance(batch, dict) else 1


def _call_of(clip: Clip, entry: Entry) -> tuple[list[Job], int]:
    """What was rendered in one call with *clip*, and its place there; it alone if that is gone."""
    own = _job(clip, entry)
    if _size(clip.manifest) == 1:
        return [own], 0
    batch = clip.manifest["batch"]
    others = Attempt.objects.filter(batch=batch["id"], batch_place__in=batch["places"])
    known = {attempt.batch_place: attempt.clip for attempt in others.select_related("clip")}
    if known.keys() != set(batch["places"]):
        return [own], 0
    jobs = [
        own
        if place == batch["place"]
        else replace(own, prompt=known[place].prompt, seed=known[place].seed)
        for place in batch["places"]
    ]
    return jobs, batch["places"].index(batch["place"])


def _alike(clip: Clip, path: Path) -> bool:
    """Whether the stored original looks as the file at *path*, both having been compressed."""
    try:
        with store.open_variant(clip, Variant.ORIGINAL) as file:
            then = read_frames(file)
    except FileMissing:
        return False
    with path.open("rb") as made:
        now = read_frames(made)
    if then.shape != now.shape:
        return False
    return bool(np.abs(then.astype(np.int16) - now.astype(np.int16)).mean() <= ALIKE)


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


def _differences(manifest: Mapping[str, Any], model: LoadedModel, *, size: int) -> tuple[str, ...]:
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
    if _size(manifest) > size:
        told.append(f"it was rendered in a batch of {_size(manifest)}, and now alone")
    return tuple(told)

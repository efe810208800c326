"""How many clips fit into one call on this worker."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from generation.batches import BatchKey
from generation.errors import OutOfMemory, RenderError
from generation.pipelines.base import Job
from generation.pipelines.memory import Measured, fitting

if TYPE_CHECKING:
    from generation.catalogue import Entry
    from generation.pipelines.base import LoadedModel

log = logging.getLogger(__name__)

# What the first step leaves behind is there in the second.
PROBE_STEPS = 2


class Rooms:
    """What each model was measured to need, and what turned out not to fit after all.

    A model is measured once, by renders of its largest size for one clip and for two; nobody is
    charged. What ran out of memory later is remembered as long as this process lives.
    """

    def __init__(self) -> None:
        self._measured: dict[str, tuple[Entry, Measured | None]] = {}
        self._most: dict[tuple[str, int], int] = {}

    def measure(self, model: LoadedModel) -> bool:
        """Measure *model* when it may batch and is not known yet.

        Answers False when it ran out of memory on the way and must be loaded again.
        """
        entry = model.entry
        known, _found = self._measured.get(entry.key, (None, None))
        if entry.runtime.max_batch == 1 or known == entry:
            return True
        job = _largest(entry)
        volume = job.width * job.height * job.frames
        fine = True
        found = None
        try:
            one = model.peak([job])
            found = Measured(volume=volume, one=one, two=None)
            found = Measured(volume=volume, one=one, two=model.peak([job, job]))
        except OutOfMemory:
            fine = False
        except RenderError as error:
            log.warning("%s renders its clips alone: %s", entry.key, error.__cause__ or error)
            found = None
        self._measured[entry.key] = (entry, found)
        log.info("%s: %s, %d bytes are free", entry.key, found, model.free_bytes())
        return fine

    def of(self, model: LoadedModel, key: BatchKey) -> int:
        """How many clips of *key* the loaded *model* renders in one call, 1 at least."""
        entry, found = self._measured.get(key.model_key, (None, None))
        most = model.entry.runtime.max_batch
        if most == 1 or found is None or entry != model.entry:
            return 1
        fit = fitting(found, volume=key.volume, free=model.free_bytes(), most=most)
        full = (
            cap
            for (name, volume), cap in self._most.items()
            if name == key.model_key and volume <= key.volume
        )
        return min((fit, *full))

    def halve(self, key: BatchKey, size: int) -> None:
        """*size* clips of *key* did not fit: half as many of that size or a larger one, then."""
        self._most[key.model_key, key.volume] = max(size // 2, 1)
        log.warning(
            "%s: %d clips of %dx%d, %d frames did not fit; %d together from now on",
            *(key.model_key, size, key.width, key.height, key.frames),
            max(size // 2, 1),
        )


def usual_key(entry: Entry) -> BatchKey:
    """The key of a clip with all of *entry*'s defaults."""
    size = entry.sizes[0]
    return BatchKey(
        model_key=entry.key,
        width=size.width,
        height=size.height,
        frames=entry.lengths[0],
        steps=int(entry.steps.default),
        guidance=entry.guidance.default,
        fps=entry.fps,
    )


def _largest(entry: Entry) -> Job:
    size = max(entry.sizes, key=lambda size: size.width * size.height)
    return Job(
        prompt="a",
        width=size.width,
        height=size.height,
        frames=max(entry.lengths),
        steps=PROBE_STEPS,
        guidance=float(entry.guidance.default),
        seed=0,
        fps=entry.fps,
    )

"""Clips from the prompt to the review queue, through everything the product does on the way."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generation.catalogue import Entry
    from generation.models import Clip
    from generation.pipelines.base import LoadedModel
    from generation.worker.loop import GpuWorker

PROMPT = "a red boat moving right on the sea at sunset"


def offer_without_limits(*keys: str) -> None:
    """Put the models *keys* on offer in the demo's cohort, and let its artists ask for anything."""
    from portal.models import Cohort

    Cohort.objects.filter(slug="spring-residency").update(
        models_on_offer=list(keys),
        clips_waiting_per_artist=None,
        gpu_seconds_per_artist=None,
        gpu_seconds_per_artist_week=None,
        gpu_seconds_of_cohort=None,
        gpu_seconds_of_cohort_week=None,
    )


def ask(entry: Entry, *, seed: int = 0) -> Clip:
    """One clip of *entry* in its first size and length."""
    from generation.services.create import create_clips
    from portal.models import Cohort, User

    return create_clips(
        actor=User.objects.get(email="ada@demo.example"),
        cohort=Cohort.objects.get(slug="spring-residency"),
        prompt=PROMPT,
        model_key=entry.key,
        size=str(entry.sizes[0]),
        frames=entry.lengths[0],
        seed=seed,
        request_id=uuid.uuid4(),
    )[0]


def warm(worker: GpuWorker, entry: Entry) -> LoadedModel:
    """The model that *worker* will render *entry* with, loaded."""
    return worker._renderer.warm(entry)


def drop(worker: GpuWorker) -> None:
    """Let go of the models that *worker* holds."""
    worker._renderer.models.drop_all()


def product_loop(entry: Entry, worker: GpuWorker, *, clips: int) -> Callable[[], None]:
    """Ask for *clips* clips, render them, submit each for release."""
    from generation.models import Clip
    from generation.states import ClipState
    from review.services.submissions import submit

    def loop() -> None:
        asked = [ask(entry, seed=seed).pk for seed in range(clips)]
        worker.render_until_empty()
        for clip in Clip.objects.filter(pk__in=asked).select_related("artist"):
            if clip.state != ClipState.READY:
                raise SystemExit(f"A clip could not be made: {clip.error_message or clip.state}")
            submit(actor=clip.artist, clip=clip)

    return loop

"""Several clips in one call of the real pipeline."""

from __future__ import annotations

import threading
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from django.core.files.storage import default_storage
from numpy.typing import NDArray
from pytest_django import Settings

from generation.batches import batch_key
from generation.catalogue import entry
from generation.media import files
from generation.models import Attempt, Clip, GpuAccount
from generation.pipelines.base import Job
from generation.services import attempts
from generation.services import clips as clip_services
from generation.states import AttemptState, ClipState
from generation.worker import storing
from generation.worker.loop import GpuWorker
from generation.worker.render import Renderer
from portal.models import Cohort, User
from tests.factories.generation import make_clip
from tests.generation.test_attempts import expire
from tests.generation.tiny import write_entry

pytestmark = pytest.mark.django_db(transaction=True)


def offer(settings: Settings, folder: Path, weights: Path, runtime: str = "max_batch = 4") -> None:
    folder.mkdir()
    write_entry(folder / "starter.toml", weights=weights, runtime=f"runtime = {{ {runtime} }}")
    settings.GENERATION_CATALOGUE = str(folder)
    settings.GENERATION_DEVICE = "cpu"


@pytest.fixture
def worker(tmp_path: Path, tiny_weights: Path, settings: Settings) -> GpuWorker:
    """One that has loaded and measured its model."""
    offer(settings, tmp_path / "catalogue", tiny_weights)
    worker = GpuWorker(name="gpu@test")
    worker.warm_up()
    assert worker.together == 4
    return worker


def pipe_of(worker: GpuWorker) -> Any:
    model: Any = worker._renderer.held
    return model._pipe


PROMPTS = ("a red boat", "a blue bird on a sea", "a boat")


@pytest.fixture
def clips(ada: User, lucien: User, cohort: Cohort) -> list[Clip]:
    """Two of Ada's around one of Lucien's; the seeds of the first two are equal."""
    return [
        make_clip(
            artist=artist,
            cohort=cohort,
            prompt=prompt,
            seed=seed,
            width=32,
            height=32,
            frames=5,
            steps=4,
        )
        for artist, prompt, seed in zip((ada, lucien, ada), PROMPTS, (7, 7, 8), strict=True)
    ]


def refreshed(clips: list[Clip]) -> list[Clip]:
    for clip in clips:
        clip.refresh_from_db()
    return clips


def act_in_step(worker: GpuWorker, step: int, act: Callable[[], None]) -> list[int]:
    """Act once in the middle of *step*; answers the list of the passes of the transformer."""
    passes: list[int] = []

    def hook(*_seen: Any) -> None:
        passes.append(len(passes) + 1)
        # Guidance calls the transformer twice a step.
        if len(passes) == 2 * step - 1:
            act()

    pipe_of(worker).transformer.register_forward_hook(hook)
    return passes


def jobs_of(clips: list[Clip]) -> list[Job]:
    return [
        Job(
            prompt=clip.prompt,
            width=32,
            height=32,
            frames=5,
            steps=4,
            guidance=3.0,
            seed=clip.seed,
            fps=clip.fps,
        )
        for clip in clips
    ]


def test_a_batch_of_two_artists_is_what_each_clip_would_be_alone(
    worker: GpuWorker, clips: list[Clip], monkeypatch: pytest.MonkeyPatch
) -> None:
    frames: dict[str, Any] = {}
    whole = files.make_files

    def noted(made: Any, **rest: Any) -> Any:
        frames[rest["short_id"]] = np.asarray(made)
        return whole(frames[rest["short_id"]], **rest)

    monkeypatch.setattr(storing, "make_files", noted)

    assert worker.render_until_empty() == 3

    model: Any = worker._renderer.held
    order = sorted(refreshed(clips), key=lambda clip: clip.manifest["batch"]["place"])
    for clip in clips:
        alone = frames_of(model, jobs_of([clip]))
        together = frames[clip.short_id]
        assert np.abs(alone.astype(np.int16) - together.astype(np.int16)).max() <= 1
        assert (clip.state, clip.step) == (ClipState.READY, 4)
    assert not np.array_equal(frames[clips[0].short_id], frames[clips[1].short_id])
    batch = clips[0].attempts.get().batch
    assert [clip.manifest["batch"] for clip in order] == [
        {
            "id": str(batch),
            "places": [0, 1, 2],
            "place": place,
            "seconds": clips[0].manifest["batch"]["seconds"],
            "share": order[place].manifest["batch"]["share"],
        }
        for place in range(3)
    ]
    for clip in clips:
        others = {other.pk for other in clips} - {clip.pk}
        told = str(clip.manifest)
        assert not any(str(pk) in told for pk in others)
        assert not any(prompt in told for prompt in PROMPTS if prompt not in clip.prompt)


def test_the_call_is_split_to_the_millisecond(worker: GpuWorker, clips: list[Clip]) -> None:
    worker.render_until_empty()

    batches = [clip.manifest["batch"] for clip in refreshed(clips)]
    shares = [Decimal(batch["share"]) for batch in batches]
    assert sum(shares) == Decimal(batches[0]["seconds"])
    assert max(shares) - min(shares) <= Decimal("0.001")
    for clip, share in zip(clips, shares, strict=True):
        # Its own encoding is added, which nobody else pays.
        assert clip.gpu_seconds is not None
        assert clip.gpu_seconds >= share
    for account in GpuAccount.objects.all():
        own = [clip.gpu_seconds for clip in clips if clip.account_id == account.pk]
        assert account.charged_seconds == account.vtime == sum(filter(None, own))


def test_a_cancel_drops_one_clip_and_the_others_share_the_rest(
    worker: GpuWorker, clips: list[Clip], lucien: User
) -> None:
    passes = act_in_step(
        worker, 2, lambda: (clip_services.cancel(actor=lucien, clip=clips[1]), None)[1]
    )

    worker.render_until_empty()

    states = [clip.state for clip in refreshed(clips)]
    assert states == [ClipState.READY, ClipState.CANCELLED, ClipState.READY]
    assert passes == [1, 2, 3, 4, 5, 6, 7, 8]
    left = clips[1].attempts.get()
    assert (left.state, left.batch_size) == (AttemptState.CANCELLED, 3)
    assert left.gpu_seconds is not None
    batches = [clips[0].manifest["batch"], clips[2].manifest["batch"]]
    took = Decimal(batches[0]["seconds"])
    shares = sum(Decimal(batch["share"]) for batch in batches)
    # What lay before the call (taking the leases) is in its time and not in the call's.
    assert took - shares == min(
        left.gpu_seconds, (took / 3).quantize(Decimal("0.001"), "ROUND_DOWN")
    )
    assert [batch["places"] for batch in batches] == [[0, 1, 2]] * 2


def test_when_all_cancel_the_call_stops_within_the_step(
    worker: GpuWorker, clips: list[Clip]
) -> None:
    def cancel_all() -> None:
        for clip in clips:
            clip_services.cancel(actor=clip.artist, clip=clip)

    passes = act_in_step(worker, 2, cancel_all)

    worker.render_until_empty()

    assert {clip.state for clip in refreshed(clips)} == {ClipState.CANCELLED}
    assert passes == [1, 2, 3, 4]


def test_a_lost_lease_drops_one_clip(worker: GpuWorker, clips: list[Clip]) -> None:
    def lose() -> None:
        [running] = Attempt.objects.filter(clip=clips[2], state=AttemptState.RUNNING)
        Attempt.objects.filter(pk=running.pk).update(lease_until=running.started_at)
        assert attempts.reap_lost() == 1

    act_in_step(worker, 3, lose)

    assert worker.render_until_empty() == 4

    assert {clip.state for clip in refreshed(clips)} == {ClipState.READY}
    tries = clips[2].attempts.order_by("number").values_list("state", "batch_size")
    assert list(tries) == [("lost", 3), ("finished", 1)]
    assert clips[2].manifest["batch"] is None
    assert [clip.attempts.count() for clip in clips] == [1, 1, 2]


def test_a_clip_that_cannot_be_encoded_fails_alone(
    worker: GpuWorker, clips: list[Clip], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = files.make_files

    def full_disk(made: Any, **rest: Any) -> Any:
        if rest["short_id"] == clips[0].short_id:
            raise OSError(28, "No space left on device")
        return whole(made, **rest)

    monkeypatch.setattr(storing, "make_files", full_disk)

    worker.render_until_empty()

    states = [clip.state for clip in refreshed(clips)]
    assert states == [ClipState.FAILED, ClipState.READY, ClipState.READY]
    tries = clips[0].attempts.order_by("number").values_list("state", "error_code", "batch_size")
    assert list(tries) == [
        ("failed", "encoding_failed", 3),
        ("failed", "encoding_failed", 1),
        ("failed", "encoding_failed", 1),
    ]
    assert [clip.attempts.count() for clip in clips[1:]] == [1, 1]


def break_batches(worker: GpuWorker, error: Exception) -> None:
    def hook(_module: Any, _args: Any, arguments: dict[str, Any]) -> None:
        if len(arguments["hidden_states"]) > 1:
            raise error

    pipe_of(worker).transformer.register_forward_pre_hook(hook, with_kwargs=True)


def test_a_call_that_breaks_is_made_again_for_each_clip_alone(
    worker: GpuWorker, clips: list[Clip]
) -> None:
    break_batches(worker, RuntimeError("a bad prompt"))

    assert worker.render_until_empty() == 6

    for clip in refreshed(clips):
        tries = clip.attempts.order_by("number").values_list(
            "state", "error_code", "batch_size", "charged_seconds"
        )
        assert list(tries) == [
            ("handed_back", "render_failed", 3, Decimal(0)),
            ("finished", "", 1, clip.gpu_seconds),
        ]
        assert "a bad prompt" in clip.attempts.earliest("number").error


def test_out_of_memory_halves_the_batch_and_hurts_nobody(
    worker: GpuWorker, clips: list[Clip], ada: User, cohort: Cohort
) -> None:
    shape: dict[str, Any] = {"width": 32, "height": 32, "frames": 5, "steps": 4, "prompt": "a boat"}
    clips.append(make_clip(artist=ada, cohort=cohort, **shape))
    full = pipe_of(worker)
    break_batches(worker, torch.OutOfMemoryError("CUDA out of memory."))

    assert worker.render_until_empty() == 8

    assert pipe_of(worker) is not full
    assert worker.together == 2
    for clip in refreshed(clips):
        tries = clip.attempts.order_by("number").values_list("state", "error_code")
        assert list(tries) == [("handed_back", "out_of_memory"), ("finished", "")]
    # The first after the accident loads the pipeline anew, and so alone.
    sizes = Attempt.objects.order_by("pk").values_list("batch_size", flat=True)
    assert list(sizes) == [4, 4, 4, 4, 1, 2, 2, 1]
    larger, smaller = (
        worker._renderer.room(batch_key(clips[0])._replace(width=width)) for width in (48, 16)
    )
    assert (larger, smaller) == (2, 4)


def test_shutting_down_hands_all_clips_back(worker: GpuWorker, clips: list[Clip]) -> None:
    act_in_step(worker, 2, worker.stop)

    assert worker.render_until_empty() == 3

    assert {(clip.state, clip.step) for clip in refreshed(clips)} == {(ClipState.QUEUED, 0)}
    assert set(Attempt.objects.values_list("state", "error_code")) == {("handed_back", "")}
    again = attempts.claim_batch(worker="gpu@other", models=["starter"], room=lambda key: 4)
    assert len(again) == 3


def test_a_clip_that_kills_its_worker_takes_no_neighbour_with_it(
    worker: GpuWorker, clips: list[Clip]
) -> None:
    """A worker that is killed says nothing more; the next one takes its leases back."""
    room = worker._renderer.room
    killed = attempts.claim_batch(worker="gpu@dead", models=["starter"], room=room)
    assert len(killed) == 3
    attempts.reap_lost(worker="gpu@dead")
    [culprit] = attempts.claim_batch(worker="gpu@dead", models=["starter"], room=room)
    attempts.reap_lost(worker="gpu@dead")

    assert worker.render_until_empty() == 2

    states = {clip.pk: (clip.state, clip.error_code) for clip in refreshed(clips)}
    assert states.pop(culprit.clip.pk) == (ClipState.QUARANTINED, "quarantined")
    assert set(states.values()) == {(ClipState.READY, "")}


def frames_of(model: Any, jobs: list[Job]) -> NDArray[np.uint8]:
    """The first of *jobs*, rendered with the others."""
    return np.asarray(model.render_batch(jobs, lambda step: None)[0])


def test_step_caches_are_off_in_a_batch_and_on_again_after(
    tmp_path: Path, tiny_weights: Path, settings: Settings, clips: list[Clip]
) -> None:
    cache = 'max_batch = 4, step_cache = { kind = "first_block", threshold = 1.0 }'
    offer(settings, tmp_path / "catalogue", tiny_weights, cache)
    worker = GpuWorker(name="gpu@test")
    worker.warm_up()
    model: Any = worker._renderer.held
    jobs = jobs_of(clips)
    cached = frames_of(model, jobs[:1])

    worker.render_until_empty()

    assert [clip.manifest["runtime"]["step_cache"] for clip in refreshed(clips)] == [None] * 3
    assert not np.array_equal(frames_of(model, jobs), cached)
    assert np.array_equal(frames_of(model, jobs[:1]), cached)


def test_a_lease_lost_before_the_call_leaves_its_place_empty(
    tmp_path: Path, tiny_weights: Path, settings: Settings, ada: User, cohort: Cohort
) -> None:
    offer(settings, tmp_path / "catalogue", tiny_weights)
    shape: dict[str, Any] = {"width": 32, "height": 32, "frames": 5, "steps": 2, "prompt": "a boat"}
    clips = [make_clip(artist=ada, cohort=cohort, **shape) for _ in range(3)]
    renderer = Renderer(worker="gpu@test", stopping=threading.Event())
    renderer.warm(entry("starter"))
    leases = attempts.claim_batch(worker="gpu@test", models=["starter"], room=lambda key: 4)
    expire(leases[1])
    attempts.reap_lost()

    renderer.render(*leases)

    states = [clip.state for clip in refreshed(clips)]
    assert states == [ClipState.READY, ClipState.QUEUED, ClipState.READY]
    assert [clips[place].manifest["batch"]["places"] for place in (0, 2)] == [[0, 2]] * 2
    assert all(default_storage.exists(str(clips[place].original)) for place in (0, 2))

"""The worker on the real pipeline classes, real files, real database."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import torch
from django.core.files.storage import default_storage
from pytest_django import Settings

from generation import errors
from generation.catalogue import entry
from generation.media import store
from generation.models import Attempt, Clip
from generation.pipelines.base import Job, LoadedModel
from generation.pipelines.loading import load
from generation.services import attempts
from generation.services import clips as clip_services
from generation.states import AttemptState, ClipState
from generation.worker import storing
from generation.worker.loop import GpuWorker
from generation.worker.render import Renderer
from portal.models import Cohort, User
from tests.factories.generation import make_clip
from tests.generation.tiny import write_entry

pytestmark = pytest.mark.django_db(transaction=True)


def tiny_clip(artist: User, cohort: Cohort, **fields: Any) -> Clip:
    shape = {"width": 32, "height": 32, "frames": 5, "steps": 4, "prompt": "a red boat"}
    return make_clip(artist=artist, cohort=cohort, **{**shape, **fields})


def frames_of(clip: Clip) -> list[bytes]:
    with store.open_variant(clip, "original") as file, av.open(file, "r") as container:
        return [frame.to_ndarray(format="rgb24").tobytes() for frame in container.decode(video=0)]


@pytest.mark.usefixtures("tiny_model")
def test_a_waiting_clip_becomes_a_playable_one(ada: User, cohort: Cohort) -> None:
    clip = tiny_clip(ada, cohort)

    assert GpuWorker(name="gpu@test").render_until_empty() == 1

    clip.refresh_from_db()
    assert (clip.state, clip.step) == (ClipState.READY, 4)
    assert len(frames_of(clip)) == 5
    assert all(default_storage.exists(name) for name in store.names_of(clip))
    manifest = clip.manifest
    assert len(manifest["weights_sha256"]) == 64
    assert manifest["scheduler"] == {
        "class": "FlowMatchEulerDiscreteScheduler",
        "shift": 3.0,
        "num_train_timesteps": 1000,
    }
    assert (manifest["device"], manifest["seed"], manifest["batch"]) == ("cpu", 7, None)
    assert set(manifest["versions"]) == {
        "python",
        "torch",
        "diffusers",
        "transformers",
        "tokenizers",
        "peft",
        "av",
        "numpy",
        "pillow",
    }
    assert manifest["encoder"] == {"crf": 10, "preset": "medium", "cpus": os.cpu_count()}
    assert manifest["runtime"]["pipeline_class"] == "WanPipeline"
    assert manifest["adapters"] == []
    assert len(manifest["frames_sha256"]) == 64
    attempt = clip.attempts.get()
    assert (attempt.state, attempt.charged_seconds) == (AttemptState.FINISHED, clip.gpu_seconds)


@pytest.mark.usefixtures("tiny_model")
def test_the_same_seed_gives_the_same_frames_and_another_others(ada: User, cohort: Cohort) -> None:
    clips = [tiny_clip(ada, cohort, seed=seed) for seed in (7, 7, 8)]

    GpuWorker(name="gpu@test").render_until_empty()

    made = (Clip.objects.get(pk=clip.pk).manifest for clip in clips)
    first, again, other = (manifest["frames_sha256"] for manifest in made)
    assert first == again
    assert first != other


class Interrupted(LoadedModel):
    """A model that lets a test act between two steps."""

    def __init__(self, act: Callable[[int], None]) -> None:
        self.entry = entry("starter")
        self.weights_sha256 = "a" * 64
        self.device_name = "cpu"
        self.scheduler = {"class": "none"}
        self.steps_done: list[int] = []
        self.closed = False
        self._act = act

    def render(self, job: Job, on_step: Callable[[int], None]) -> np.ndarray[Any, Any]:
        for step in range(1, job.steps + 1):
            self._act(step)
            on_step(step)
            self.steps_done.append(step)
        return np.zeros((job.frames, job.height, job.width, 3), np.uint8)

    def close(self) -> None:
        self.closed = True


def render_with(
    model: LoadedModel,
    stopping: threading.Event | None = None,
    abandon: Callable[[], None] | None = None,
) -> Renderer:
    renderer = Renderer(worker="gpu@test", stopping=stopping or threading.Event(), abandon=abandon)
    renderer.models.hold(model, 1)
    lease = attempts.claim_next(worker="gpu@test", models=["starter"])
    assert lease is not None
    renderer.render(lease)
    return renderer


def no_files() -> bool:
    folder = Path(default_storage.path("clips"))
    return not folder.exists() or not [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.usefixtures("tiny_model")
def test_a_cancel_stops_the_real_pipeline_within_the_step(ada: User, cohort: Cohort) -> None:
    clip = tiny_clip(ada, cohort, steps=20)
    worker = GpuWorker(name="gpu@test")
    pipe: Any = worker._renderer.warm(entry("starter"))
    calls: list[int] = []

    def act(*_seen: Any) -> None:
        calls.append(len(calls) + 1)
        # Guidance calls the transformer twice a step: this is in the middle of the third.
        if len(calls) == 5:
            clip_services.cancel(actor=ada, clip=clip)

    pipe._pipe.transformer.register_forward_hook(act)
    worker.render_until_empty()

    clip.refresh_from_db()
    assert clip.state == ClipState.CANCELLED
    assert clip.attempts.get().state == AttemptState.CANCELLED
    assert calls == [1, 2, 3, 4, 5, 6]
    assert no_files()


@pytest.mark.usefixtures("tiny_model")
@pytest.mark.parametrize(
    ("reason", "state", "attempt"),
    [
        ("cancelled", ClipState.CANCELLED, AttemptState.CANCELLED),
        ("lost", ClipState.QUEUED, AttemptState.LOST),
        ("shutdown", ClipState.QUEUED, AttemptState.HANDED_BACK),
    ],
)
def test_what_stops_a_render_also_stops_it_between_two_frames(
    ada: User, cohort: Cohort, reason: str, state: ClipState, attempt: AttemptState
) -> None:
    clip = tiny_clip(ada, cohort, frames=9)
    worker = GpuWorker(name="gpu@test")
    model: Any = worker._renderer.warm(entry("starter"))
    decoded: list[int] = []

    def act(*_seen: Any) -> None:
        decoded.append(1)
        if len(decoded) == 2:
            if reason == "cancelled":
                clip_services.cancel(actor=ada, clip=clip)
            elif reason == "lost":
                attempts.reap_lost(worker="gpu@test")
            worker.stopping.set()

    model._pipe.vae.decoder.register_forward_hook(act)
    worker.render_until_empty()

    clip.refresh_from_db()
    # Of three latent frames the third is never decoded.
    assert len(decoded) == 2
    assert (clip.state, clip.attempts.get().state) == (state, attempt)
    assert no_files()


@pytest.mark.usefixtures("tiny_catalogue")
@pytest.mark.parametrize("moment", ["made", "stored"])
def test_a_cancel_after_the_last_step_leaves_no_file(
    ada: User, cohort: Cohort, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = tiny_clip(ada, cohort)
    name, at = {"made": ("make_files", storing), "stored": ("put", store)}[moment]
    whole = getattr(at, name)

    def then_cancel(*args: Any, **kwargs: Any) -> Any:
        answer = whole(*args, **kwargs)
        clip_services.cancel(actor=ada, clip=clip)
        return answer

    monkeypatch.setattr(at, name, then_cancel)
    render_with(Interrupted(lambda step: None))

    clip.refresh_from_db()
    assert clip.state == ClipState.CANCELLED
    assert clip.attempts.get().state == AttemptState.CANCELLED
    assert no_files()


@pytest.mark.usefixtures("tiny_catalogue")
def test_shutting_down_hands_the_clip_back_at_the_next_step(ada: User, cohort: Cohort) -> None:
    clip = tiny_clip(ada, cohort)
    stopping = threading.Event()
    model = Interrupted(lambda step: stopping.set() if step == 2 else None)

    render_with(model, stopping)

    clip.refresh_from_db()
    assert model.steps_done == [1]
    assert (clip.state, clip.step) == (ClipState.QUEUED, 0)
    assert clip.attempts.get().state == AttemptState.HANDED_BACK


@pytest.mark.usefixtures("tiny_catalogue")
def test_a_worker_back_from_the_dead_finishes_nothing(ada: User, cohort: Cohort) -> None:
    clip = tiny_clip(ada, cohort)

    def act(step: int) -> None:
        if step == 4:
            attempts.reap_lost(worker="gpu@test")
            assert attempts.claim_next(worker="gpu@other", models=["starter"]) is not None

    render_with(Interrupted(act))

    clip.refresh_from_db()
    states = list(clip.attempts.order_by("number").values_list("worker", "state"))
    assert states == [("gpu@test", "lost"), ("gpu@other", "running")]
    assert clip.state == ClipState.LOADING
    assert no_files()


@pytest.mark.usefixtures("tiny_catalogue")
@pytest.mark.parametrize(
    ("error", "code", "closed"),
    [
        (errors.OutOfMemory(), "out_of_memory", True),
        (errors.EncodingFailed(), "encoding_failed", False),
        (ZeroDivisionError("a bug"), "render_failed", True),
    ],
)
def test_a_failure_is_typed_and_the_worker_goes_on(
    ada: User, cohort: Cohort, error: Exception, code: str, closed: bool
) -> None:
    clip = tiny_clip(ada, cohort)

    def act(step: int) -> None:
        raise error

    model = Interrupted(act)
    render_with(model)

    clip.refresh_from_db()
    assert clip.state == ClipState.QUEUED
    attempt = clip.attempts.get()
    assert (attempt.state, attempt.error_code) == (AttemptState.FAILED, code)
    assert model.closed is closed
    model._act = lambda step: None
    render_with(model)
    clip.refresh_from_db()
    assert clip.state == ClipState.READY


@pytest.mark.usefixtures("tiny_model")
def test_out_of_memory_rebuilds_the_pipeline_and_the_clip_is_made(
    ada: User, cohort: Cohort
) -> None:
    clip = tiny_clip(ada, cohort)
    worker = GpuWorker(name="gpu@test")
    full: Any = worker._renderer.warm(entry("starter"))

    def raise_full(*_seen: Any) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")

    full._pipe.transformer.register_forward_pre_hook(raise_full)

    assert worker.render_until_empty() == 2

    clip.refresh_from_db()
    assert clip.state == ClipState.READY
    tries = clip.attempts.order_by("number").values_list("state", "error_code")
    assert list(tries) == [("failed", "out_of_memory"), ("finished", "")]
    assert full._pipe is None


def patient_entry(folder: Path, step_seconds: str) -> None:
    write_entry(
        folder / "starter.toml",
        weights=folder,
        runtime=f"runtime = {{ step_seconds = {step_seconds} }}",
    )


@pytest.mark.parametrize("cancelled", [False, True])
def test_a_step_that_hangs_ends_its_attempt_and_then_the_process(
    ada: User, cohort: Cohort, tiny_catalogue: Path, settings: Settings, cancelled: bool
) -> None:
    settings.GENERATION_LEASE_SECONDS = 4
    patient_entry(tiny_catalogue, "0.2")
    clip = tiny_clip(ada, cohort)
    abandoned = threading.Event()
    states: list[str] = []

    def hang(step: int) -> None:
        if step == 2:
            if cancelled:
                clip_services.cancel(actor=ada, clip=clip)
            # Only the end of the process frees a hung device; here it frees the step.
            assert abandoned.wait(60)

    def end_process() -> None:
        states.append(clip.attempts.get().state)
        abandoned.set()

    model = Interrupted(hang)
    render_with(model, abandon=end_process)

    clip.refresh_from_db()
    attempt = clip.attempts.get()
    assert model.steps_done == [1]
    if cancelled:
        assert (states, clip.state) == (["cancelled"], ClipState.CANCELLED)
    else:
        assert (states, clip.state) == (["failed"], ClipState.QUEUED)
        assert (attempt.error_code, attempt.charged_seconds) == ("step_too_long", Decimal(0))


@pytest.mark.usefixtures("tiny_model")
def test_raising_from_a_step_stops_the_real_pipeline_and_leaves_it_fit(
    ada: User, cohort: Cohort
) -> None:
    job = Job(prompt="a boat", width=32, height=32, frames=5, steps=4, guidance=3.0, seed=1)
    model = load(entry("starter"))
    undisturbed = np.asarray(model.render(job, lambda step: None))
    seen: list[int] = []

    def stop(step: int) -> None:
        seen.append(step)
        if step == 2:
            raise errors.LeaseLost

    with pytest.raises(errors.LeaseLost):
        model.render(job, stop)

    assert seen == [1, 2]
    assert np.array_equal(np.asarray(model.render(job, lambda step: None)), undisturbed)


@pytest.mark.usefixtures("tiny_model")
def test_any_text_is_a_prompt(ada: User, cohort: Cohort) -> None:
    model = load(entry("starter"))
    for prompt in ("𝔘𝔫 bateau 🚢", "x" * 2000, "\u202e <b>", "."):
        job = Job(prompt=prompt, width=32, height=32, frames=5, steps=1, guidance=3.0, seed=1)
        assert np.asarray(model.render(job, lambda step: None)).shape == (5, 32, 32, 3)


def test_missing_weights_are_a_typed_failure(
    tiny_catalogue: Path, ada: User, cohort: Cohort
) -> None:
    clip = tiny_clip(ada, cohort)

    GpuWorker(name="gpu@test").render_until_empty()

    clip.refresh_from_db()
    assert (clip.state, clip.error_code) == (ClipState.FAILED, "too_many_tries")
    assert set(Attempt.objects.values_list("error_code", flat=True)) == {"model_unavailable"}
    assert "no model_index.json" in clip.attempts.earliest("number").error

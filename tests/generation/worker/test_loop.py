"""A worker process from its start to its end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from django.conf import settings as site
from pytest_django import Settings
from redis import Redis

from generation import tasks
from generation.models import Clip, RenderCost, Worker
from generation.services import attempts, workers
from generation.states import ClipState
from generation.worker import loop
from portal.models import Cohort, User
from tests.factories.generation import make_clip
from tests.generation.tiny import write_entry

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_worker(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "_worker", None)
    # A worker claims a place of its own for its temporary files.
    settings.VAR_DIR = tmp_path / "var"
    monkeypatch.setattr(tempfile, "tempdir", tempfile.gettempdir())


def tiny_clip(artist: User, cohort: Cohort) -> Clip:
    return make_clip(artist=artist, cohort=cohort, width=32, height=32, frames=5, steps=2)


def wait_until_ready(clip: Clip) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        clip.refresh_from_db()
        if clip.state == ClipState.READY:
            return
        time.sleep(0.05)
    pytest.fail(f"the clip is {clip.state}")


@pytest.mark.usefixtures("tiny_model")
def test_a_restarted_worker_says_it_is_ready_and_finishes_its_forerunners_clip(
    ada: User, cohort: Cohort, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = tiny_clip(ada, cohort)
    assert attempts.claim_next(worker="gpu@test", models=["starter"]) is not None
    ready_file = tmp_path / "ready.json"
    monkeypatch.setenv("GREENROOM_READY_FILE", str(ready_file))

    loop.start(name="gpu@test")
    try:
        wait_until_ready(clip)
        later = tiny_clip(ada, cohort)
        loop.ring()
        wait_until_ready(later)
    finally:
        loop.stop()
        loop.join()

    assert json.loads(ready_file.read_text()) == {"model": "Tiny", "device": "cpu"}
    states = clip.attempts.order_by("number").values_list("state", flat=True)
    assert list(states) == ["lost", "finished"]


def test_a_worker_stays_with_its_model_and_remembers_what_clips_take(
    ada: User, lucien: User, cohort: Cohort, tiny_model: Path, tiny_weights: Path
) -> None:
    write_entry(tiny_model / "wide.toml", weights=tiny_weights)
    turn = make_clip(
        artist=ada, cohort=cohort, model_key="wide", width=32, height=32, frames=5, steps=2
    )
    warm = tiny_clip(lucien, cohort)
    worker = loop.GpuWorker(name="gpu@test")
    worker.warm_up()

    assert worker.render_until_empty() == 2

    finished = Clip.objects.filter(state=ClipState.READY).order_by("finished_at")
    assert list(finished) == [warm, turn]
    costs = RenderCost.objects.order_by("model_key").values_list("model_key", "device", "samples")
    assert list(costs) == [("starter", "cpu", 1), ("wide", "cpu", 1)]


@pytest.mark.usefixtures("tiny_catalogue")
def test_a_worker_without_weights_ends_and_says_why(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as caught:
        loop.start(name="gpu@test")

    assert "no-weights holds no weights" in str(caught.value.code)


_GIVES_UP = """
import portal.config.wsgi
import threading
from generation.worker import loop
threading.Thread(target=threading.Event().wait).start()
loop._end_process()
"""


def test_a_worker_that_gives_up_ends_though_a_thread_of_it_hangs() -> None:
    result = subprocess.run(
        [sys.executable, "-c", _GIVES_UP], cwd=site.BASE_DIR, env=os.environ, check=False
    )

    assert result.returncode == os.EX_SOFTWARE


@pytest.mark.usefixtures("tiny_catalogue")
def test_a_ring_lies_in_the_gpu_queue_without_a_clips_id(db: None) -> None:
    broker = Redis.from_url(site.REDIS_URL)
    broker.delete("gpu")
    try:
        tasks.ring()
        [message] = broker.lrange("gpu", 0, -1)
    finally:
        broker.delete("gpu")
        broker.close()

    envelope = json.loads(message)
    assert envelope["headers"]["task"] == "generation.tasks.render_waiting"
    assert envelope["headers"]["argsrepr"] == "()"


@pytest.mark.usefixtures("tiny_model")
def test_a_resting_worker_takes_no_clip_until_it_is_called_back(
    ada: User, cohort: Cohort, admin: User
) -> None:
    loop.start(name="gpu@test")
    try:
        worker = Worker.objects.get()
        assert (worker.name, worker.device, worker.model_key) == ("gpu@test", "cpu", "starter")
        assert worker.memory_bytes is not None
        assert worker.memory_bytes > 2**28
        workers.rest(actor=admin, worker=worker)
        clip = tiny_clip(ada, cohort)
        began = worker.seen_at
        deadline = time.monotonic() + 60
        while worker.seen_at == began and time.monotonic() < deadline:
            loop.ring()
            time.sleep(0.05)
            worker.refresh_from_db()
        assert worker.seen_at > began
        clip.refresh_from_db()
        assert clip.state == ClipState.QUEUED
        workers.wake(actor=admin, worker=worker)
        loop.ring()
        wait_until_ready(clip)
    finally:
        loop.stop()
        loop.join()
    worker.refresh_from_db()
    assert worker.stopped_at is not None
    assert worker.model_key == ""

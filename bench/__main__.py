"""``make bench``: what the product costs beside the bare thing, measured in one run.

Every line is a ratio of two measurements taken in turn on the same machine, so a slow or busy
machine slows both sides. Absolute figures are printed for orientation only.
"""

from __future__ import annotations

import statistics
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from bench.claims import claims_with_many_waiting
from bench.fairness.report import fair_waits
from bench.ground import ground

CLIPS = 4
ROUNDS = 3
POSTS = 60


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def ratio(name: str, ours: list[float], bare: list[float], unit: str) -> None:
    """Print the ratio of the medians of *ours* and *bare*, in seconds per *unit*."""
    upper, lower = statistics.median(ours), statistics.median(bare)
    print(f"{name}: {upper / lower:.2f}  ({upper:.4f} s ÷ {lower:.4f} s a {unit})", flush=True)


def clips_through_the_product() -> None:
    """Ask → claim → render → mark → encode → store → ready, ÷ render and encode alone."""
    from generation.catalogue import entry
    from generation.media.files import make_files
    from generation.pipelines.base import Job
    from generation.pipelines.loading import load
    from generation.services.create import create_clips
    from generation.worker.loop import GpuWorker
    from portal.models import Cohort, User

    artist = User.objects.get(email="ada@demo.example")
    cohort = Cohort.objects.get(slug="spring-residency")
    starter = entry("starter")
    size = starter.sizes[0]
    model = load(starter)
    worker = GpuWorker(name="bench")
    worker.warm_up()

    def bare() -> None:
        for seed in range(CLIPS):
            job = Job(
                prompt="a red boat moving right on the sea at sunset",
                width=size.width,
                height=size.height,
                frames=starter.lengths[0],
                steps=int(starter.steps.default),
                guidance=float(starter.guidance.default),
                seed=seed,
            )
            frames = model.render(job, lambda step: None)
            with tempfile.TemporaryDirectory() as folder:
                make_files(
                    frames,
                    fps=starter.fps,
                    artist=artist.name,
                    short_id="BENCH",
                    language="en",
                    folder=Path(folder),
                )

    def product() -> None:
        for seed in range(CLIPS):
            create_clips(
                actor=artist,
                cohort=cohort,
                prompt="a red boat moving right on the sea at sunset",
                model_key=starter.key,
                size=f"{size.width}x{size.height}",
                frames=starter.lengths[0],
                seed=seed,
                request_id=uuid.uuid4(),
            )
        worker.render_until_empty()

    bare()
    product()
    ours, alone = [], []
    for _ in range(ROUNDS):
        alone.append(seconds(bare) / CLIPS)
        ours.append(seconds(product) / CLIPS)
    ratio("a clip through the product ÷ a bare loop of the same pipeline", ours, alone, "clip")


def asking_for_a_clip() -> None:
    """create_clips (checks, budget, audit, signal) ÷ inserting one bare row."""
    from generation.services.create import create_clips
    from portal.models import Cohort, Notification, User

    artist = User.objects.get(email="lucien@demo.example")
    # Nothing renders meanwhile, so the queue grows beyond what one artist may have in it.
    Cohort.objects.filter(slug="spring-residency").update(clips_waiting_per_artist=None)
    cohort = Cohort.objects.get(slug="spring-residency")

    def bare() -> None:
        for _ in range(POSTS):
            Notification.objects.create(user=artist, kind="bench", title="bench")

    def product() -> None:
        for _ in range(POSTS):
            create_clips(
                actor=artist,
                cohort=cohort,
                prompt="a red boat",
                model_key="starter",
                size="128x128",
                frames=17,
                request_id=uuid.uuid4(),
            )

    ours, alone = [], []
    for _ in range(ROUNDS):
        alone.append(seconds(bare) / POSTS)
        ours.append(seconds(product) / POSTS)
    ratio("asking for a clip ÷ inserting one bare row", ours, alone, "request")


def bytes_through_the_gate() -> None:
    """A preview through the release gate ÷ the health page, both through all middleware."""
    from django.test import Client

    from generation.models import Clip
    from portal.models import User

    artist = User.objects.get(email="ada@demo.example")
    clip = Clip.objects.ready().filter(artist=artist).latest("created_at")
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(artist, backend="allauth.account.auth_backends.AuthenticationBackend")

    def bare() -> None:
        for _ in range(POSTS):
            client.get("/healthz")

    def gate() -> None:
        for _ in range(POSTS):
            response = client.get(f"/media/clips/{clip.pk}/preview")
            assert response.status_code == 200
            b"".join(response.streaming_content)  # type: ignore[attr-defined]

    ours, alone = [], []
    for _ in range(ROUNDS):
        alone.append(seconds(bare) / POSTS)
        ours.append(seconds(gate) / POSTS)
    ratio("a preview through the gate ÷ the health page", ours, alone, "request")


def main() -> None:
    fair_waits()
    with ground():
        clips_through_the_product()
        bytes_through_the_gate()
        asking_for_a_clip()
        claims_with_many_waiting()


if __name__ == "__main__":
    main()

from __future__ import annotations

import threading
import uuid
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any
from unittest import mock

import pytest
from django.db import connection, transaction
from django.utils import timezone

from generation import heads
from generation.media import store
from generation.models import Attempt, Clip, GpuAccount
from generation.services import attempts, turns
from generation.services import clips as clip_services
from generation.services.attempts import Lease
from generation.signals import clip_ready
from generation.states import AttemptState, ClipState, Heartbeat
from portal.errors import GreenroomError, IllegalTransition
from portal.models import AuditEntry, Cohort, User
from tests.factories.generation import make_clip

STORED = store.StoredFiles(
    original="clips/o.mp4",
    preview="clips/p.mp4",
    poster="clips/p.jpg",
    filmstrip="clips/f.jpg",
    cover="clips/c.jpg",
    sha256="a" * 64,
)


def claim(worker: str = "gpu@one") -> Lease:
    lease = attempts.claim_next(worker=worker, models=["starter"])
    assert lease is not None
    return lease


def render(lease: Lease) -> None:
    attempts.report(token=lease.token, state=ClipState.RENDERING, step=0)
    attempts.report(token=lease.token, state=ClipState.ENCODING, step=20)


def finish(lease: Lease, gpu_seconds: float = 0.0) -> Clip:
    return attempts.finish(
        token=lease.token,
        files=STORED,
        manifest={"weights_sha256": "b" * 64},
        gpu_seconds=gpu_seconds,
    )


def expire(lease: Lease) -> None:
    past = timezone.now() - timedelta(seconds=1)
    Attempt.objects.filter(lease_token=lease.token).update(lease_until=past)


def age(lease: Lease, seconds: int) -> None:
    past = timezone.now() - timedelta(seconds=seconds)
    Attempt.objects.filter(lease_token=lease.token).update(started_at=past)


def test_a_claim_leases_the_clip_and_charges_its_estimate(ada: User, cohort: Cohort) -> None:
    clip = make_clip(artist=ada, cohort=cohort)

    lease = claim()

    clip.refresh_from_db()
    attempt = clip.attempts.get()
    assert (lease.clip.pk, lease.token, lease.number) == (clip.pk, attempt.lease_token, 1)
    assert (clip.state, attempt.state, attempt.worker) == ("loading", "running", "gpu@one")
    assert attempt.lease_until - attempt.started_at == timedelta(seconds=lease.seconds)
    assert GpuAccount.objects.get().charged_seconds == Decimal("8.000")


def test_a_claim_passes_over_a_clip_that_somebody_holds_and_writes_nothing_for_it(
    ada: User, lucien: User, cohort: Cohort
) -> None:
    """The clip stopped waiting after it was chosen, as under a cancel that commits meanwhile."""
    gone = make_clip(artist=ada, cohort=cohort)
    free = make_clip(artist=lucien, cohort=cohort)
    chosen = heads.first_heads(["starter"])
    Clip.objects.filter(pk=gone.pk).update(state=ClipState.CANCELLED)

    begun = ([(Decimal(0),)], chosen)
    with mock.patch.object(turns, "first_heads_behind", return_value=begun):
        lease = claim()

    assert lease.clip.pk == free.pk
    assert not Attempt.objects.filter(clip=gone).exists()
    charged = GpuAccount.objects.values_list("artist__name", "charged_seconds", "vtime")
    assert {name: (seconds, vtime) for name, seconds, vtime in charged} == {
        "Ada Okafor": (Decimal(0), Decimal(0)),
        "Lucien Moreau": (Decimal(8), Decimal(8)),
    }


@pytest.mark.django_db(transaction=True)
def test_a_result_waits_for_its_clip_before_it_locks_its_attempt(ada: User, cohort: Cohort) -> None:
    """The order of everybody who writes; the other way round a cancel and a result would block."""
    make_clip(artist=ada, cohort=cohort)
    lease = claim()
    render(lease)
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"

    def work() -> None:
        try:
            finish(lease)
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    with transaction.atomic():
        Clip.objects.select_for_update(no_key=True).get(pk=lease.clip.pk)
        thread.start()
        with connection.cursor() as cursor:
            while cursor.execute(waiting).fetchone() == (0,):
                pass
        Attempt.objects.select_for_update(nowait=True).get(lease_token=lease.token)
    thread.join()
    assert Clip.objects.get().state == ClipState.READY


def test_nothing_to_claim_is_none(db: None) -> None:
    assert attempts.claim_next(worker="gpu@one", models=["starter"]) is None


def test_a_worker_claims_only_models_it_has(ada: User, cohort: Cohort) -> None:
    make_clip(artist=ada, cohort=cohort, model_key="another")

    assert attempts.claim_next(worker="gpu@one", models=["starter"]) is None


def test_the_artist_charged_least_comes_first_then_the_oldest_clip(
    ada: User, lucien: User, cohort: Cohort
) -> None:
    first, second, third = (make_clip(artist=ada, cohort=cohort) for _ in range(3))
    late = make_clip(artist=lucien, cohort=cohort)

    order = [claim().clip.pk for _ in range(4)]

    assert order == [first.pk, late.pk, second.pk, third.pk]


@pytest.mark.django_db(transaction=True)
def test_a_hundred_clips_claimed_by_eight_workers_at_once_are_claimed_once_each(
    ada: User, lucien: User, cohort: Cohort
) -> None:
    for _ in range(50):
        make_clip(artist=ada, cohort=cohort)
        make_clip(artist=lucien, cohort=cohort)
    claimed: list[uuid.UUID] = []
    barrier = threading.Barrier(8)

    def work(name: str) -> None:
        barrier.wait()
        try:
            while lease := attempts.claim_next(worker=name, models=["starter"]):
                claimed.append(lease.clip.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(f"gpu@{index}",)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(claimed) == 100
    assert Counter(claimed).most_common(1)[0][1] == 1
    assert Attempt.objects.filter(state=AttemptState.RUNNING).count() == 100
    assert set(GpuAccount.objects.values_list("charged_seconds", flat=True)) == {Decimal(400)}


def test_progress_shows_state_and_step(ada: User, cohort: Cohort) -> None:
    make_clip(artist=ada, cohort=cohort)
    lease = claim()

    attempts.report(token=lease.token, state=ClipState.RENDERING, step=0)
    attempts.report(token=lease.token, state=ClipState.RENDERING, step=7)

    clip = Clip.objects.get()
    assert (clip.state, clip.step) == (ClipState.RENDERING, 7)


def test_a_render_cannot_go_backwards(ada: User, cohort: Cohort) -> None:
    make_clip(artist=ada, cohort=cohort)
    lease = claim()
    render(lease)

    with pytest.raises(IllegalTransition):
        attempts.report(token=lease.token, state=ClipState.RENDERING, step=3)


def test_a_heartbeat_renews_the_lease(ada: User, cohort: Cohort) -> None:
    make_clip(artist=ada, cohort=cohort)
    lease = claim()
    expire(lease)

    assert attempts.heartbeat(token=lease.token) == Heartbeat.OK
    assert attempts.reap_lost() == 0


def test_a_heartbeat_tells_of_cancel_and_of_loss(ada: User, cohort: Cohort) -> None:
    clip = make_clip(artist=ada, cohort=cohort)
    lease = claim()
    clip_services.cancel(actor=ada, clip=clip)

    assert attempts.heartbeat(token=lease.token) == Heartbeat.CANCEL
    assert attempts.heartbeat(token=uuid.uuid4()) == Heartbeat.LOST


def test_a_finished_clip_is_ready_with_its_hashes(ada: User, cohort: Cohort) -> None:
    clip = make_clip(artist=ada, cohort=cohort)
    lease = claim()
    render(lease)
    age(lease, 60)
    told: list[Clip] = []

    def listen(clip: Clip, **kwargs: Any) -> None:
        told.append(clip)

    clip_ready.connect(listen)
    try:
        finish(lease, gpu_seconds=5.5)
    finally:
        clip_ready.disconnect(listen)

    clip.refresh_from_db()
    assert (clip.state, clip.step, clip.sha256) == ("ready", 20, "a" * 64)
    assert clip.settings_sha256 == attempts.settings_digest(clip)
    assert (clip.gpu_seconds, clip.original.name) == (Decimal("5.500"), "clips/o.mp4")
    assert GpuAccount.objects.get().charged_seconds == Decimal("5.500")
    assert [seen.pk for seen in told] == [clip.pk]
    assert AuditEntry.objects.get(action="clip.ready").after["sha256"] == "a" * 64


def test_finishing_again_after_a_lost_answer_changes_nothing(ada: User, cohort: Cohort) -> None:
    make_clip(artist=ada, cohort=cohort)
    lease = claim()
    render(lease)
    age(lease, 60)
    finish(lease, gpu_seconds=5.5)

    again = finish(lease, gpu_seconds=7.5)

    assert (again.state, again.gpu_seconds) == (ClipState.READY, Decimal("5.500"))
    assert GpuAccount.objects.get().charged_seconds == Decimal("5.500")
    assert AuditEntry.objects.filter(action="clip.ready").count() == 1


def test_a_worker_cannot_charge_more_than_its_lease_is_old(ada: User, cohort: Cohort) -> None:
    make_clip(artist=ada, cohort=cohort)
    lease = claim()
    render(lease)
    age(lease, 10)

    clip = finish(lease, gpu_seconds=9999)

    assert clip.gpu_seconds is not None
    assert Decimal(10) <= clip.gpu_seconds < Decimal(60)


def test_a_receiver_that_refuses_leaves_the_clip_unfinished(ada: User, cohort: Cohort) -> None:
    make_clip(artist=ada, cohort=cohort)
    lease = claim()
    render(lease)

    def refuse(**kwargs: Any) -> None:
        raise GreenroomError("No.")

    clip_ready.connect(refuse)
    try:
        with pytest.raises(GreenroomError):
            finish(lease)
    finally:
        clip_ready.disconnect(refuse)

    assert Clip.objects.get().state == ClipState.ENCODING

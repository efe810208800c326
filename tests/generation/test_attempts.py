from __future__ import annotations

import threading
import uuid
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import Settings

from generation import heads
from generation.errors import LeaseLost, OutOfMemory, RenderError, WeightsChanged
from generation.media import store
from generation.models import Attempt, Clip, GpuAccount
from generation.services import attempts, create, turns
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

    with mock.patch.object(turns, "first_heads", return_value=chosen):
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


def test_a_dead_workers_clip_waits_again_at_its_place_and_is_not_charged(
    ada: User, cohort: Cohort
) -> None:
    clip = make_clip(artist=ada, cohort=cohort)
    lease = claim()
    key = lease.media_key
    default_storage.save(f"{store.folder_of(key)}/original-1-abc.mp4", ContentFile(b"half"))
    expire(lease)

    assert attempts.reap_lost() == 1

    queued_at = clip.queued_at
    clip.refresh_from_db()
    attempt = clip.attempts.get()
    assert (clip.state, clip.queued_at) == (ClipState.QUEUED, queued_at)
    assert (attempt.state, attempt.charged_seconds) == ("lost", Decimal(0))
    assert attempt.gpu_seconds is not None
    assert GpuAccount.objects.get().charged_seconds == 0


@pytest.mark.django_db(transaction=True)
def test_what_a_dead_worker_stored_is_removed(ada: User, cohort: Cohort) -> None:
    make_clip(artist=ada, cohort=cohort)
    lease = claim()
    name = default_storage.save(
        f"{store.folder_of(lease.media_key)}/original-1-abc.mp4", ContentFile(b"half")
    )
    expire(lease)

    attempts.reap_lost()

    assert not default_storage.exists(name)


def test_a_late_finish_after_reaping_is_refused(ada: User, cohort: Cohort) -> None:
    make_clip(artist=ada, cohort=cohort)
    late = claim("gpu@slow")
    render(late)
    expire(late)
    attempts.reap_lost()
    again = claim("gpu@quick")
    render(again)

    for call in (
        lambda: finish(late),
        lambda: attempts.fail(token=late.token, error=RenderError()),
        lambda: attempts.hand_back(token=late.token),
        lambda: attempts.report(token=late.token, state=ClipState.ENCODING, step=20),
    ):
        with pytest.raises(LeaseLost):
            call()

    assert finish(again).state == ClipState.READY


def test_a_restarted_worker_takes_back_only_its_own(ada: User, cohort: Cohort) -> None:
    make_clip(artist=ada, cohort=cohort)
    make_clip(artist=ada, cohort=cohort)
    mine, other = claim("gpu@one"), claim("gpu@two")

    assert attempts.reap_lost(worker="gpu@one") == 1

    assert attempts.heartbeat(token=mine.token) == Heartbeat.LOST
    assert attempts.heartbeat(token=other.token) == Heartbeat.OK


def test_running_it_again_gives_a_clip_its_tries_back(ada: User, cohort: Cohort) -> None:
    clip = make_clip(artist=ada, cohort=cohort)
    for _ in range(3):
        attempts.fail(token=claim().token, error=OutOfMemory())
    create.run_again(actor=ada, clip=Clip.objects.get())
    # The transaction of the test has one clock; the next one is later.
    Attempt.objects.update(started_at=timezone.now() - timedelta(minutes=1))

    lease = claim()
    attempts.fail(token=lease.token, error=OutOfMemory())

    clip.refresh_from_db()
    assert (clip.state, lease.number) == (ClipState.QUEUED, 4)


def test_a_failure_that_may_pass_is_tried_three_times(ada: User, cohort: Cohort) -> None:
    clip = make_clip(artist=ada, cohort=cohort)
    states = []
    for _ in range(3):
        attempts.fail(token=claim().token, error=OutOfMemory())
        clip.refresh_from_db()
        states.append(clip.state)

    assert states == [ClipState.QUEUED, ClipState.QUEUED, ClipState.FAILED]
    assert clip.error_code == "too_many_tries"
    assert GpuAccount.objects.get().charged_seconds == 0


def test_a_permanent_failure_is_final_at_once(ada: User, lucien: User, cohort: Cohort) -> None:
    clip = make_clip(artist=lucien, cohort=cohort)

    attempts.fail(token=claim().token, error=WeightsChanged())

    clip.refresh_from_db()
    assert (clip.state, clip.error_code) == (ClipState.FAILED, "weights_changed")
    assert clip.attempts.get().error_code == "weights_changed"


def test_a_handed_back_clip_waits_again_free_of_charge(ada: User, cohort: Cohort) -> None:
    clip = make_clip(artist=ada, cohort=cohort)
    lease = claim()
    render(lease)

    attempts.hand_back(token=lease.token)

    clip.refresh_from_db()
    assert (clip.state, clip.step) == (ClipState.QUEUED, 0)
    assert clip.attempts.get().state == AttemptState.HANDED_BACK
    assert GpuAccount.objects.get().charged_seconds == 0


def test_cancelling_a_render_charges_what_it_took(ada: User, cohort: Cohort) -> None:
    clip = make_clip(artist=ada, cohort=cohort)
    lease = claim()
    age(lease, 3)

    clip_services.cancel(actor=ada, clip=clip)

    attempt = clip.attempts.get()
    assert attempt.state == AttemptState.CANCELLED
    assert attempt.gpu_seconds == attempt.charged_seconds
    assert Decimal(3) <= attempt.charged_seconds < Decimal(30)
    assert GpuAccount.objects.get().charged_seconds == attempt.charged_seconds
    with pytest.raises(LeaseLost):
        attempts.report(token=lease.token, state=ClipState.RENDERING, step=1)


def test_the_lease_is_as_long_as_the_setting_says(
    ada: User, cohort: Cohort, settings: Settings
) -> None:
    settings.GENERATION_LEASE_SECONDS = 7
    make_clip(artist=ada, cohort=cohort)

    assert claim().seconds == 7


def test_the_settings_digest_covers_prompt_seed_and_weights(ada: User, cohort: Cohort) -> None:
    clip = make_clip(artist=ada, cohort=cohort)
    digests = {attempts.settings_digest(clip)}
    for field, value in (("prompt", "else"), ("seed", 8), ("manifest", {"weights_sha256": "c"})):
        setattr(clip, field, value)
        digests.add(attempts.settings_digest(clip))

    assert len(digests) == 4


def test_media_lie_below_the_tests_folder(tmp_path: Path) -> None:
    assert Path(default_storage.path("x")).is_relative_to(tmp_path)

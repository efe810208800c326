"""How renders end that did not finish: lost, failed, handed back, cancelled."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from pytest_django import Settings

from generation.errors import LeaseLost, OutOfMemory, RenderError, WeightsChanged
from generation.media import store
from generation.models import Attempt, Clip, GpuAccount
from generation.services import attempts, create
from generation.services import clips as clip_services
from generation.states import AttemptState, ClipState, Heartbeat
from portal.models import Cohort, User
from tests.factories.generation import make_clip
from tests.generation.test_attempts import age, claim, expire, finish, render


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

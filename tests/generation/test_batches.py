"""Which clips are claimed together, on the database, and what becomes of their leases."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from generation.errors import EncodingFailed, OutOfMemory, RenderError
from generation.models import Attempt, Clip, CohortShare, GpuAccount, Pause
from generation.services import attempts
from generation.services import clips as clip_services
from generation.services.attempts import Lease
from generation.states import AttemptState, ClipState, Heartbeat
from portal.errors import GreenroomError
from portal.models import Cohort, User
from tests.factories.generation import make_clip
from tests.generation.test_attempts import STORED, age, expire, render

MODELS = ["starter", "wan"]


def claim(room: int = 4) -> list[Lease]:
    return attempts.claim_batch(worker="gpu@one", models=MODELS, room=lambda key: room)


def clips_of(leases: Sequence[Lease]) -> list[Clip]:
    return [lease.clip for lease in leases]


def finish(lease: Lease, seconds: str) -> None:
    render(lease)
    age(lease, 3600)
    attempts.finish(
        token=lease.token,
        files=STORED,
        manifest={"device": "cpu"},
        gpu_seconds=Decimal(seconds),
    )


def charged() -> dict[str, Decimal]:
    rows = GpuAccount.objects.values_list("artist__email", "charged_seconds", "vtime")
    found = {}
    for email, seconds, vtime in rows:
        assert seconds == vtime
        found[email.partition("@")[0]] = seconds
    return found


def test_waiting_clips_of_any_artists_with_an_equal_key_are_claimed_together(
    ada: User, lucien: User, cohort: Cohort
) -> None:
    first, third = (make_clip(artist=ada, cohort=cohort) for _ in range(2))
    second = make_clip(artist=lucien, cohort=cohort, prompt="a blue bird", seed=9)

    leases = claim()

    assert clips_of(leases) == [first, second, third]
    assert len({lease.token for lease in leases}) == 3
    [batch] = {lease.batch for lease in leases}
    rows = Attempt.objects.order_by("batch_place").values_list(
        "clip", "batch", "batch_size", "batch_place", "charged_seconds"
    )
    assert list(rows) == [
        (clip.pk, batch, 3, place, Decimal(8)) for place, clip in enumerate([first, second, third])
    ]
    assert charged() == {"ada": 16, "lucien": 8}
    assert CohortShare.objects.get().vtime == 24
    assert set(Clip.objects.values_list("state", flat=True)) == {ClipState.LOADING}


def test_no_more_are_claimed_than_there_is_room(ada: User, cohort: Cohort) -> None:
    for _ in range(5):
        make_clip(artist=ada, cohort=cohort)

    assert [len(claim(2)), len(claim(2)), len(claim(2)), len(claim(2))] == [2, 2, 1, 0]
    assert Attempt.objects.filter(batch=None).count() == 1


@pytest.mark.parametrize(
    "other",
    [
        {"model_key": "wan"},
        {"width": 64},
        {"height": 64},
        {"frames": 9},
        {"steps": 19},
        {"guidance": "2.90"},
        {"fps": 12},
    ],
    ids=str,
)
def test_a_clip_that_asks_the_pipeline_for_something_else_is_not(
    ada: User, lucien: User, cohort: Cohort, other: dict[str, Any]
) -> None:
    first = make_clip(artist=ada, cohort=cohort)
    make_clip(artist=lucien, cohort=cohort, **other)

    [lease] = claim()

    assert (lease.clip, lease.batch) == (first, None)


def test_an_artists_clips_keep_their_order(ada: User, lucien: User, cohort: Cohort) -> None:
    first = make_clip(artist=ada, cohort=cohort)
    make_clip(artist=ada, cohort=cohort, steps=10)
    make_clip(artist=ada, cohort=cohort)
    other = make_clip(artist=lucien, cohort=cohort)

    assert clips_of(claim()) == [first, other]


def test_who_is_paused_frozen_or_at_their_limit_does_not_join(
    ada: User, lucien: User, cohort: Cohort, admin: User
) -> None:
    cohort.clips_running_per_artist = 2
    cohort.save()
    for _ in range(3):
        make_clip(artist=ada, cohort=cohort)
    frozen = make_clip(artist=lucien, cohort=cohort)
    User.objects.filter(pk=lucien.pk).update(is_active=False)

    assert [clip.artist for clip in clips_of(claim())] == [ada, ada]
    assert claim() == []
    User.objects.filter(pk=lucien.pk).update(is_active=True)
    Pause.objects.create(cohort=cohort, reason="Maintenance", paused_by=admin)
    assert claim() == []
    Pause.objects.update(resumed_at=timezone.now(), resumed_by=admin)
    assert clips_of(claim()) == [frozen]


@pytest.mark.django_db(transaction=True)
def test_a_companion_that_somebody_holds_stays_with_all_behind_it(
    ada: User, lucien: User, cohort: Cohort
) -> None:
    first = make_clip(artist=ada, cohort=cohort)
    held = make_clip(artist=lucien, cohort=cohort)
    make_clip(artist=lucien, cohort=cohort)
    locked, done = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                Clip.objects.select_for_update(no_key=True).get(pk=held.pk)
                locked.set()
                done.wait(30)
        finally:
            connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    locked.wait(30)
    try:
        assert clips_of(claim()) == [first]
    finally:
        done.set()
        holder.join()
    assert charged() == {"ada": 8, "lucien": 0}


def lose(leases: Sequence[Lease]) -> None:
    for lease in leases:
        expire(lease)
    assert attempts.reap_lost() == len(leases)


def break_call(leases: Sequence[Lease], error: RenderError) -> None:
    for lease in leases:
        attempts.put_back(token=lease.token, error=error)


@pytest.mark.parametrize("fault", ["lost", "broken"])
def test_after_a_loss_or_a_broken_call_each_clip_is_rendered_alone(
    ada: User, lucien: User, cohort: Cohort, fault: str
) -> None:
    clips = [make_clip(artist=artist, cohort=cohort) for artist in (ada, lucien, ada)]
    leases = claim()
    assert len(leases) == 3

    if fault == "lost":
        lose(leases)
    else:
        break_call(leases, RenderError())
    fresh = make_clip(artist=lucien, cohort=cohort)

    assert charged() == {"ada": 0, "lucien": 0}
    assert set(Clip.objects.values_list("state", flat=True)) == {ClipState.QUEUED}
    again = [claim() for _ in range(4)]
    assert [len(leases) for leases in again] == [1, 1, 1, 1]
    assert {lease.clip for [lease] in again} == {*clips, fresh}


def test_a_broken_call_costs_no_try(ada: User, cohort: Cohort) -> None:
    clips = [make_clip(artist=ada, cohort=cohort) for _ in range(2)]
    break_call(claim(), RenderError())

    [lease] = claim()
    for _ in range(2):
        attempts.fail(token=lease.token, error=EncodingFailed())
        [lease] = claim()
    attempts.fail(token=lease.token, error=EncodingFailed())

    clips[0].refresh_from_db()
    assert (clips[0].state, clips[0].error_code) == (ClipState.FAILED, "too_many_tries")
    states = clips[0].attempts.order_by("number").values_list("state", "error_code")
    assert list(states) == [("handed_back", "render_failed"), *[("failed", "encoding_failed")] * 3]


def test_a_call_that_did_not_fit_is_nobodys_fault(ada: User, cohort: Cohort) -> None:
    clips = [make_clip(artist=ada, cohort=cohort) for _ in range(3)]
    break_call(claim(), OutOfMemory())

    assert clips_of(claim(2)) == clips[:2]


def test_leases_are_renewed_in_one_statement_and_told_apart(
    ada: User, lucien: User, cohort: Cohort, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for artist in (ada, lucien, ada):
        make_clip(artist=artist, cohort=cohort)
    kept, cancelled, lost = claim()
    tokens = [lease.token for lease in (kept, cancelled, lost)]
    expire(kept)

    with django_assert_num_queries(1):
        assert set(attempts.heartbeats(tokens=tokens).values()) == {Heartbeat.OK}
    assert attempts.reap_lost() == 0
    clip_services.cancel(actor=lucien, clip=cancelled.clip)
    expire(lost)
    attempts.reap_lost()

    assert attempts.heartbeats(tokens=tokens) == {
        kept.token: Heartbeat.OK,
        cancelled.token: Heartbeat.CANCEL,
        lost.token: Heartbeat.LOST,
    }


def test_who_cancels_pays_a_share_of_the_time_so_far(
    ada: User, lucien: User, cohort: Cohort
) -> None:
    for artist in (ada, lucien):
        make_clip(artist=artist, cohort=cohort)
    stays, leaves = claim()
    age(leaves, 6)

    clip_services.cancel(actor=lucien, clip=leaves.clip)
    finish(stays, "7.125")

    ended = Attempt.objects.get(lease_token=leaves.token)
    assert ended.gpu_seconds is not None
    assert Decimal(3) <= ended.gpu_seconds < Decimal(4)
    assert charged() == {"ada": Decimal("7.125"), "lucien": ended.gpu_seconds}


@pytest.mark.django_db(transaction=True)
def test_batches_claimed_while_others_end_lose_no_charge_and_never_wait_for_each_other(
    ada: User, lucien: User, cohort: Cohort
) -> None:
    second = Cohort.objects.create(
        name="Second cohort",
        slug="second",
        starts_on=cohort.starts_on,
        ends_on=cohort.ends_on,
        agreement=cohort.agreement,
        models_on_offer=["starter"],
        clips_running_per_artist=None,
    )
    for _ in range(12):
        for artist, place in ((ada, cohort), (lucien, second), (lucien, cohort)):
            make_clip(artist=artist, cohort=place)
    broken: list[DatabaseError | GreenroomError] = []

    def work() -> None:
        try:
            while leases := claim(3):
                for lease in leases:
                    finish(lease, "5")
        except (DatabaseError, GreenroomError) as error:
            broken.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert broken == []
    assert Clip.objects.filter(state=ClipState.READY).count() == 36
    assert set(GpuAccount.objects.values_list("charged_seconds", flat=True)) == {Decimal(60)}


def test_a_batch_asks_no_more_often_with_many_clips_waiting(
    ada: User,
    lucien: User,
    cohort: Cohort,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    def ask(count: int) -> None:
        for _ in range(count):
            for artist in (ada, lucien):
                make_clip(artist=artist, cohort=cohort)

    ask(2)
    claim(2)
    with django_assert_max_num_queries(36):
        assert len(claim(2)) == 2
    ask(30)
    with django_assert_max_num_queries(36):
        assert len(claim(2)) == 2


@pytest.mark.parametrize(
    "values",
    [
        {"batch_size": 2},
        {"batch": uuid.uuid4()},
        {"batch": uuid.uuid4(), "batch_size": 2, "batch_place": 2},
    ],
    ids=["without an id", "of one", "a place too far"],
)
def test_the_database_refuses_batches_that_are_none(
    ada: User, cohort: Cohort, values: dict[str, Any]
) -> None:
    clip = make_clip(artist=ada, cohort=cohort)
    with pytest.raises(IntegrityError), transaction.atomic():
        Attempt.objects.create(
            clip=clip, number=1, worker="gpu@one", lease_until=timezone.now(), **values
        )


def test_the_database_refuses_two_clips_at_one_place(
    ada: User, lucien: User, cohort: Cohort
) -> None:
    one, two = (make_clip(artist=artist, cohort=cohort) for artist in (ada, lucien))
    place: dict[str, Any] = {"batch": uuid.uuid4(), "batch_size": 2, "batch_place": 1}
    row: dict[str, Any] = {"number": 1, "worker": "gpu@one", "lease_until": timezone.now()}
    Attempt.objects.create(clip=one, **row, **place)
    with pytest.raises(IntegrityError), transaction.atomic():
        Attempt.objects.create(clip=two, **row, **place)
    assert Attempt.objects.filter(state=AttemptState.RUNNING).count() == 1

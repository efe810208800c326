"""The order of the queue on the database; the policy itself: tests/generation/scheduling."""

from __future__ import annotations

import threading
from collections import Counter
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from pytest_django import DjangoAssertNumQueries, Settings

from generation.errors import LeaseLost, OutOfMemory
from generation.models import Attempt, Clip, CohortShare, GpuAccount, Pool, RenderCost
from generation.services import attempts
from generation.services.attempts import Lease
from generation.states import ClipState, Heartbeat
from portal.models import Cohort, User
from tests.factories.generation import make_clip
from tests.generation.conftest import make_artist
from tests.generation.test_attempts import STORED, age, expire, render

MODELS = ["starter", "wan"]


def claim(*, warm: str = "", device: str = "cpu") -> Lease:
    lease = attempts.claim_next(worker="gpu@one", models=MODELS, warm=[warm], device=device)
    assert lease is not None
    return lease


def finish(lease: Lease, *, seconds: float, device: str = "cpu") -> None:
    render(lease)
    age(lease, 3600)
    attempts.finish(
        token=lease.token, files=STORED, manifest={"device": device}, gpu_seconds=seconds
    )


def vtimes() -> dict[str, Decimal]:
    rows = GpuAccount.objects.values_list("artist__email", "vtime")
    return {email.partition("@")[0]: vtime for email, vtime in rows}


@pytest.fixture
def second(cohort: Cohort) -> Cohort:
    return Cohort.objects.create(
        name="Second cohort",
        slug="second",
        starts_on=cohort.starts_on,
        ends_on=cohort.ends_on,
        agreement=cohort.agreement,
        models_on_offer=["starter"],
        clips_running_per_artist=None,
    )


def test_a_hundred_clips_of_one_artist_do_not_stand_before_anothers_one(
    ada: User, lucien: User, cohort: Cohort
) -> None:
    for _ in range(20):
        make_clip(artist=ada, cohort=cohort)
    for _ in range(3):
        finish(claim(), seconds=8)
    late = make_clip(artist=lucien, cohort=cohort)

    assert claim().clip == late


def test_who_comes_back_from_a_pause_is_neither_ahead_nor_behind(
    ada: User, lucien: User, cohort: Cohort
) -> None:
    for _ in range(20):
        make_clip(artist=ada, cohort=cohort)
    for _ in range(10):
        claim()
    for _ in range(10):
        make_clip(artist=lucien, cohort=cohort)

    served = Counter(claim().clip.artist.email for _ in range(10))

    assert served == {"ada@example.org": 5, "lucien@example.org": 5}


def test_long_clips_count_for_what_they_take(ada: User, lucien: User, cohort: Cohort) -> None:
    for _ in range(10):
        make_clip(artist=ada, cohort=cohort, estimate=30)
        make_clip(artist=lucien, cohort=cohort, estimate=10)

    served = Counter(claim().clip.artist.email for _ in range(8))

    assert served == {"ada@example.org": 2, "lucien@example.org": 6}


def test_cohorts_share_by_weight_however_many_artists_each_has(
    ada: User, lucien: User, cohort: Cohort, second: Cohort
) -> None:
    other = make_artist(second, "noor@example.org", "Noor Haddad")
    for artist, place in ((ada, cohort), (lucien, cohort), (other, second)):
        for _ in range(12):
            make_clip(artist=artist, cohort=place)
    CohortShare.objects.create(cohort=cohort, weight=3)

    served = Counter(claim().clip.artist.email for _ in range(16))

    assert served == {"ada@example.org": 6, "lucien@example.org": 6, "noor@example.org": 4}


def test_an_account_of_weight_three_is_served_three_times_as_much(
    ada: User, lucien: User, cohort: Cohort
) -> None:
    for artist in (ada, lucien):
        for _ in range(12):
            make_clip(artist=artist, cohort=cohort)
    GpuAccount.objects.filter(artist=ada).update(weight=3)

    served = Counter(claim().clip.artist.email for _ in range(12))

    assert served == {"ada@example.org": 9, "lucien@example.org": 3}


def test_priority_orders_an_artists_own_clips_and_nobody_elses(
    ada: User, lucien: User, cohort: Cohort
) -> None:
    first = make_clip(artist=ada, cohort=cohort)
    other = make_clip(artist=lucien, cohort=cohort)
    urgent = make_clip(artist=ada, cohort=cohort, priority=1)

    order = [claim().clip for _ in range(3)]

    assert order == [other, urgent, first]


def test_a_warm_worker_stays_with_its_model_within_a_load(
    ada: User, lucien: User, cohort: Cohort
) -> None:
    turn = make_clip(artist=ada, cohort=cohort, model_key="wan")
    warm = make_clip(artist=lucien, cohort=cohort)

    assert claim(warm="starter").clip == warm
    assert dict(GpuAccount.objects.values_list("artist__email", "skips")) == {
        "ada@example.org": 1,
        "lucien@example.org": 0,
    }
    assert claim(warm="starter").clip == turn
    assert set(GpuAccount.objects.values_list("skips", flat=True)) == {0}


def test_a_head_gives_way_four_times(ada: User, lucien: User, cohort: Cohort) -> None:
    turn = make_clip(artist=ada, cohort=cohort, model_key="wan")
    for _ in range(6):
        make_clip(artist=lucien, cohort=cohort, estimate=1)

    order = [claim(warm="starter").clip for _ in range(5)]

    assert order.index(turn) == 4


def test_without_a_price_for_loads_the_turns_are_strict(
    ada: User, lucien: User, cohort: Cohort, settings: Settings
) -> None:
    settings.GENERATION_MODEL_LOAD_SECONDS = 0
    GpuAccount.objects.create(artist=ada, cohort=cohort, vtime=1)
    make_clip(artist=ada, cohort=cohort)
    turn = make_clip(artist=lucien, cohort=cohort, model_key="wan")

    assert claim(warm="starter").clip == turn


def test_the_end_corrects_what_the_claim_charged(ada: User, cohort: Cohort) -> None:
    make_clip(artist=ada, cohort=cohort)
    GpuAccount.objects.update(weight=2)
    CohortShare.objects.create(cohort=cohort, weight=4)

    lease = claim()
    charged = (vtimes(), CohortShare.objects.get().vtime)
    finish(lease, seconds=20)

    assert charged == ({"ada": Decimal(4)}, Decimal(2))
    assert (vtimes(), CohortShare.objects.get().vtime) == ({"ada": Decimal(10)}, Decimal(5))


@pytest.mark.parametrize("fault", ["lost", "handed back", "out of memory"])
def test_a_fault_of_the_machinery_gives_the_place_back(
    ada: User, lucien: User, cohort: Cohort, fault: str
) -> None:
    clip = make_clip(artist=ada, cohort=cohort)
    make_clip(artist=lucien, cohort=cohort)
    lease = claim()

    if fault == "lost":
        expire(lease)
        attempts.reap_lost()
    elif fault == "handed back":
        attempts.hand_back(token=lease.token)
    else:
        attempts.fail(token=lease.token, error=OutOfMemory())

    assert vtimes() == {"ada": 0, "lucien": 0}
    assert CohortShare.objects.get().vtime == 0
    assert claim().clip == clip


def test_the_clocks_never_go_back(ada: User, lucien: User, cohort: Cohort) -> None:
    seen = []
    for _ in range(6):
        make_clip(artist=ada, cohort=cohort)
        make_clip(artist=lucien, cohort=cohort)
    for number in range(12):
        lease = claim()
        if number % 3 == 0:
            attempts.hand_back(token=lease.token)
        seen.append((Pool.objects.get().clock, CohortShare.objects.get().clock))

    assert seen == sorted(seen)
    assert seen[-1] > seen[0]


def test_a_claim_charges_what_clips_of_its_shape_took_on_the_device(
    ada: User, cohort: Cohort
) -> None:
    for _ in range(5):
        make_clip(artist=ada, cohort=cohort)
    make_clip(artist=ada, cohort=cohort, steps=10)

    finish(claim(), seconds=20)
    finish(claim(), seconds=30)

    cost = RenderCost.objects.get()
    assert (cost.seconds, cost.samples, cost.device) == (Decimal(22), 2, "cpu")
    charged = {}
    for device in ("cpu", "cuda:0 (NVIDIA H100)", ""):
        lease = claim(device=device)
        charged[device] = Attempt.objects.get(lease_token=lease.token).charged_seconds
    assert charged == {"cpu": 22, "cuda:0 (NVIDIA H100)": 8, "": 8}
    other_steps = claim()
    assert Attempt.objects.get(lease_token=other_steps.token).charged_seconds == 8


def test_a_clip_that_takes_nothing_is_still_charged_a_little(ada: User, cohort: Cohort) -> None:
    for _ in range(2):
        make_clip(artist=ada, cohort=cohort, estimate=0)

    finish(claim(), seconds=0)

    assert Attempt.objects.get(lease_token=claim().token).charged_seconds == Decimal("0.001")


def test_clips_of_a_frozen_person_wait(ada: User, lucien: User, cohort: Cohort) -> None:
    make_clip(artist=ada, cohort=cohort)
    other = make_clip(artist=lucien, cohort=cohort)
    User.objects.filter(pk=ada.pk).update(is_active=False)

    assert claim().clip == other
    assert attempts.claim_next(worker="gpu@one", models=MODELS) is None


@pytest.mark.django_db(transaction=True)
def test_a_clip_that_somebody_holds_is_stepped_over(
    ada: User, lucien: User, cohort: Cohort
) -> None:
    held = make_clip(artist=ada, cohort=cohort)
    free = make_clip(artist=lucien, cohort=cohort)
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
        assert claim().clip == free
        assert attempts.claim_next(worker="gpu@one", models=MODELS) is None
    finally:
        done.set()
        holder.join()
    assert claim().clip == held


@pytest.mark.django_db(transaction=True)
def test_charges_that_are_corrected_while_others_claim_are_not_lost(
    ada: User, lucien: User, cohort: Cohort
) -> None:
    for artist in (ada, lucien):
        for _ in range(20):
            make_clip(artist=artist, cohort=cohort)

    broken: list[DatabaseError] = []

    def work() -> None:
        try:
            while lease := attempts.claim_next(worker="gpu@one", models=MODELS):
                finish(lease, seconds=5)
        except DatabaseError as error:
            broken.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert broken == []
    assert Clip.objects.filter(state=ClipState.READY).count() == 40
    assert set(GpuAccount.objects.values_list("charged_seconds", flat=True)) == {Decimal(100)}
    for vtime in vtimes().values():
        assert Decimal(100) <= vtime <= Decimal(140)


@pytest.mark.django_db(transaction=True)
def test_a_claim_sees_what_the_one_before_it_did(ada: User, lucien: User, cohort: Cohort) -> None:
    """Lock and reading are sent together, and the reading begins once the lock is held."""
    make_clip(artist=ada, cohort=cohort)
    turn = make_clip(artist=lucien, cohort=cohort)
    Pool.objects.get_or_create(key="gpu")
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    claimed: list[Lease] = []

    def work() -> None:
        try:
            claimed.append(claim())
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    with transaction.atomic():
        Pool.objects.select_for_update().get()
        thread.start()
        with connection.cursor() as cursor:
            while cursor.execute(waiting).fetchone() == (0,):
                pass
        GpuAccount.objects.filter(artist=ada).update(vtime=9)
    thread.join()

    assert [lease.clip for lease in claimed] == [turn]


@pytest.mark.django_db(transaction=True)
def test_a_claim_that_a_crash_undoes_leaves_nothing(ada: User, cohort: Cohort) -> None:
    """Its commit does not wait for the disk; ``python -m bench.crash`` kills the database."""
    clip = make_clip(artist=ada, cohort=cohort)
    with transaction.atomic():
        undone = claim()
        with connection.cursor() as cursor:
            assert cursor.execute("SHOW synchronous_commit").fetchone() == ("off",)
        transaction.set_rollback(True)

    assert vtimes() == {"ada": 0}
    assert not Attempt.objects.exists()
    assert attempts.heartbeat(token=undone.token) is Heartbeat.LOST
    with pytest.raises(LeaseLost):
        attempts.report(token=undone.token, state=ClipState.RENDERING, step=0)
    again = claim()
    assert (again.clip, again.number) == (clip, undone.number)
    assert again.token != undone.token
    assert again.media_key != undone.media_key
    with pytest.raises(LeaseLost):
        attempts.finish(token=undone.token, files=STORED, manifest={}, gpu_seconds=1)


def test_a_claim_asks_no_more_often_with_many_clips_waiting(
    ada: User,
    lucien: User,
    cohort: Cohort,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    make_clip(artist=ada, cohort=cohort)
    claim()
    make_clip(artist=ada, cohort=cohort)
    with django_assert_max_num_queries(19):
        claim()
    for _ in range(30):
        make_clip(artist=ada, cohort=cohort)
        make_clip(artist=lucien, cohort=cohort)
    claim()

    with django_assert_max_num_queries(19):
        claim()


def test_the_database_refuses_weights_and_skips_out_of_range(ada: User, cohort: Cohort) -> None:
    make_clip(artist=ada, cohort=cohort)
    CohortShare.objects.create(cohort=cohort)
    for rows, values in (
        (GpuAccount.objects.all(), {"weight": 0}),
        (GpuAccount.objects.all(), {"weight": 101}),
        (GpuAccount.objects.all(), {"skips": 5}),
        (CohortShare.objects.all(), {"weight": 0}),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**values)

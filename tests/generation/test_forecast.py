"""The forecast on the rows; that it agrees with the policy is tested in ``scheduling``."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models.functions import Now
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from generation import standing
from generation.forecast import places_of
from generation.models import Attempt, Clip, GpuAccount, RenderCost, Worker
from generation.scheduling import Outlook, Reason
from generation.services import attempts, clips, pauses, workers
from generation.states import ClipState
from portal.models import Cohort, User
from tests.factories.generation import make_clip
from tests.generation.conftest import make_artist
from tests.generation.test_budgets import terms

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tiny_catalogue")]


@pytest.fixture
def gpu() -> Worker:
    return workers.started(name="gpu@one", device="H100", memory_bytes=None, model_key="starter")


class Asker:
    """Asks for clips, each a second after the one before."""

    def __init__(self, cohort: Cohort) -> None:
        self.cohort = cohort
        self._asked = timezone.now()

    def __call__(self, artist: User, **values: Any) -> Clip:
        self._asked += timedelta(seconds=1)
        return make_clip(artist=artist, cohort=self.cohort, **{"queued_at": self._asked, **values})


@pytest.fixture
def ask(cohort: Cohort) -> Asker:
    return Asker(cohort)


def outlook(clip: Clip) -> Outlook:
    clip.refresh_from_db()
    return places_of([clip])[clip.pk].outlook


def told(before: int, own: int, artists: int, seconds: str | None, *why: Reason) -> Outlook:
    return Outlook(
        before=before,
        own=own,
        artists=artists,
        seconds=None if seconds is None else Decimal(seconds),
        at_least=False,
        reasons=why,
    )


@pytest.mark.usefixtures("gpu")
def test_the_clips_of_all_artists_are_told_apart(ada: User, lucien: User, ask: Asker) -> None:
    hers = [ask(ada) for _ in range(2)]
    his = ask(lucien)

    places = places_of([*hers, his])

    assert [places[clip.pk].outlook for clip in (*hers, his)] == [
        told(0, 0, 0, "0", Reason.NEXT),
        told(2, 1, 1, "16.000", Reason.QUEUE),
        told(1, 0, 1, "8.000", Reason.QUEUE),
    ]
    assert [places[clip.pk].is_first for clip in (*hers, his)] == [True, False, True]


def test_it_is_told_in_the_artists_own_order(ada: User, ask: Asker) -> None:
    first, second, urgent = (ask(ada, priority=priority) for priority in (0, 0, 1))

    places = places_of([first, second, urgent])

    assert [places[clip.pk].outlook.before for clip in (first, second, urgent)] == [1, 2, 0]


def test_a_clip_on_a_gpu_is_asked_for_no_more(ada: User, ask: Asker) -> None:
    assert places_of([ask(ada, state=ClipState.RENDERING)]) == {}


def test_costs_are_those_of_the_worker_and_what_renders_is_waited_for(
    gpu: Worker, ada: User, lucien: User, ask: Asker
) -> None:
    RenderCost.objects.create(
        model_key="starter",
        width=128,
        height=128,
        frames=17,
        steps=20,
        device="H100",
        seconds=100,
    )
    ask(lucien)
    attempts.claim_next(worker=gpu.name, models=["starter"], warm=["starter"], device="H100")
    first, second = (ask(ada) for _ in range(2))

    waits = [outlook(clip).seconds or Decimal(0) for clip in (first, second)]

    assert 0 <= waits[0] <= 100
    assert waits[1] - waits[0] == 100
    Attempt.objects.update(started_at=Now() - timedelta(seconds=600))
    ask(lucien)
    assert outlook(ask(ada)).before == 3


def test_a_worker_that_holds_another_model_is_named(ada: User, ask: Asker) -> None:
    workers.started(name="gpu@one", device="H100", memory_bytes=None, model_key="other")

    assert outlook(ask(ada)).reasons == (
        Reason.NEXT,
        Reason.OTHER_MODEL,
    )


class TestNobodyRenders:
    def test_no_worker_ever_started(self, ada: User, ask: Asker) -> None:
        assert outlook(ask(ada)) == told(0, 0, 0, None, Reason.NO_WORKER)

    @pytest.mark.parametrize(
        "change",
        [
            {"stopped_at": Now()},
            {"seen_at": Now() - timedelta(minutes=2)},
            {"is_resting": True},
        ],
        ids=["stopped", "silent", "resting"],
    )
    def test_the_worker_takes_nothing(
        self, gpu: Worker, ada: User, ask: Asker, change: dict[str, object]
    ) -> None:
        Worker.objects.filter(pk=gpu.pk).update(**change)

        assert outlook(ask(ada)).reasons == (Reason.NO_WORKER,)

    @pytest.mark.usefixtures("gpu")
    def test_a_model_that_nobody_offers_any_more(self, ada: User, ask: Asker) -> None:
        clip = ask(ada, model_key="gone")

        assert outlook(clip) == told(0, 0, 0, None, Reason.NO_MODEL)

    @pytest.mark.usefixtures("gpu")
    def test_a_pause(self, admin: User, ada: User, ask: Asker) -> None:
        pauses.pause(actor=admin, model_key="starter", reason="New weights")

        assert outlook(ask(ada)) == told(0, 0, 0, None, Reason.PAUSED)

    @pytest.mark.usefixtures("gpu")
    def test_a_worker_whose_lease_ran_out_is_not_waited_for(self, ada: User, ask: Asker) -> None:
        ask(ada)
        attempts.claim_next(worker="gpu@lost", models=["starter"])
        Attempt.objects.update(lease_until=Now() - timedelta(seconds=1))

        assert outlook(ask(ada)) == told(0, 0, 0, "0", Reason.NEXT)


def test_an_artist_at_their_limit(gpu: Worker, ada: User, ask: Asker, cohort: Cohort) -> None:
    terms(cohort, clips_running_per_artist=1)
    ask(ada)
    attempts.claim_next(worker="gpu@two", models=["starter"])

    clip = ask(ada)

    assert outlook(clip).reasons == (Reason.NEXT, Reason.ARTIST_LIMIT)
    assert outlook(clip).seconds is not None


@pytest.mark.usefixtures("gpu")
class TestReading:
    def test_the_same_queries_for_one_clip_and_for_many(
        self,
        ada: User,
        lucien: User,
        ask: Asker,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        clip = ask(ada)
        with django_assert_num_queries(10):
            places_of([clip])
        many = [ask(ada) for _ in range(20)]
        for number in range(10):
            artist = make_artist(ask.cohort, f"{number}@example.org", "Somebody")
            ask(artist)
        with django_assert_num_queries(10):
            places_of(many)

    def test_who_asks_just_afterwards_is_told_the_same_without_a_query(
        self,
        ada: User,
        lucien: User,
        ask: Asker,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        hers, his = (ask(artist) for artist in (ada, lucien))
        first = places_of([hers])

        with django_assert_num_queries(0):
            assert places_of([hers]) == first
            assert places_of([his])[his.pk].outlook.artists == 1

    def test_what_the_artist_did_is_seen_at_once(self, ada: User, ask: Asker) -> None:
        _, last = (ask(ada) for _ in range(2))

        def before() -> list[int]:
            clips_now = list(Clip.objects.order_by("queued_at"))
            places = places_of(clips_now)
            return [places[clip.pk].outlook.before for clip in clips_now]

        assert before() == [0, 1]
        clips.put_first(actor=ada, clip=last)
        assert before() == [1, 0]
        ask(ada)
        assert before() == [1, 0, 2]

    def test_without_redis_it_is_made_each_time(
        self, ada: User, ask: Asker, settings: Settings
    ) -> None:
        settings.REDIS_URL = "redis://127.0.0.1:1/0"
        clip = ask(ada)

        assert outlook(clip) == outlook(clip) == told(0, 0, 0, "0", Reason.NEXT)

    def test_of_a_great_many_only_the_first_are_read(
        self, ada: User, lucien: User, ask: Asker, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(standing, "CLIPS_EACH", (2, 3))
        hers = [ask(ada) for _ in range(6)]
        his = ask(lucien)
        GpuAccount.objects.filter(artist=lucien).update(vtime=Decimal(36))

        places = places_of([*hers, his])

        assert [places[clip.pk].outlook.seconds for clip in hers[:3]] == [0, 8, 16]
        for clip in hers[3:]:
            assert places[clip.pk].outlook == Outlook(
                before=3,
                own=3,
                artists=0,
                seconds=Decimal(16),
                at_least=True,
                reasons=(Reason.QUEUE,),
            )
            assert not places[clip.pk].is_first
        # Those that were not read count for him: they are taken to be like the last one read.
        assert places[his.pk].outlook == told(5, 0, 1, "40.000", Reason.QUEUE)

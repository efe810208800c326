"""The forecast on the rows; that it agrees with the policy is tested in ``scheduling``."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

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
def test_the_clips_of_all_artists_are_told_apart(ada: User, lucien: User, cohort: Cohort) -> None:
    hers = [make_clip(artist=ada, cohort=cohort) for _ in range(2)]
    his = make_clip(artist=lucien, cohort=cohort)

    places = places_of([*hers, his])

    assert [places[clip.pk].outlook for clip in (*hers, his)] == [
        told(0, 0, 0, "0", Reason.NEXT),
        told(2, 1, 1, "16.000", Reason.QUEUE),
        told(1, 0, 1, "8.000", Reason.QUEUE),
    ]
    assert [places[clip.pk].is_first for clip in (*hers, his)] == [True, False, True]


def test_it_is_told_in_the_artists_own_order(ada: User, cohort: Cohort) -> None:
    now = timezone.now()
    first, second, urgent = (
        make_clip(
            artist=ada, cohort=cohort, priority=priority, queued_at=now + timedelta(seconds=late)
        )
        for priority, late in ((0, 0), (0, 1), (1, 2))
    )

    places = places_of([first, second, urgent])

    assert [places[clip.pk].outlook.before for clip in (first, second, urgent)] == [1, 2, 0]


def test_a_clip_on_a_gpu_is_asked_for_no_more(ada: User, cohort: Cohort) -> None:
    assert places_of([make_clip(artist=ada, cohort=cohort, state=ClipState.RENDERING)]) == {}


def test_costs_are_those_of_the_worker_and_what_renders_is_waited_for(
    gpu: Worker, ada: User, lucien: User, cohort: Cohort
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
    make_clip(artist=lucien, cohort=cohort)
    attempts.claim_next(worker=gpu.name, models=["starter"], warm=["starter"], device="H100")
    first, second = (make_clip(artist=ada, cohort=cohort) for _ in range(2))

    waits = [outlook(clip).seconds or Decimal(0) for clip in (first, second)]

    assert 90 < waits[0] <= 100
    assert waits[1] - waits[0] == 100
    Attempt.objects.update(started_at=Now() - timedelta(seconds=600))
    make_clip(artist=lucien, cohort=cohort)
    assert outlook(make_clip(artist=ada, cohort=cohort)).before == 3


def test_a_worker_that_holds_another_model_is_named(ada: User, cohort: Cohort) -> None:
    workers.started(name="gpu@one", device="H100", memory_bytes=None, model_key="other")

    assert outlook(make_clip(artist=ada, cohort=cohort)).reasons == (
        Reason.NEXT,
        Reason.OTHER_MODEL,
    )


class TestNobodyRenders:
    def test_no_worker_ever_started(self, ada: User, cohort: Cohort) -> None:
        assert outlook(make_clip(artist=ada, cohort=cohort)) == told(
            0, 0, 0, None, Reason.NO_WORKER
        )

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
        self, gpu: Worker, ada: User, cohort: Cohort, change: dict[str, object]
    ) -> None:
        Worker.objects.filter(pk=gpu.pk).update(**change)

        assert outlook(make_clip(artist=ada, cohort=cohort)).reasons == (Reason.NO_WORKER,)

    @pytest.mark.usefixtures("gpu")
    def test_a_model_that_nobody_offers_any_more(self, ada: User, cohort: Cohort) -> None:
        clip = make_clip(artist=ada, cohort=cohort, model_key="gone")

        assert outlook(clip) == told(0, 0, 0, None, Reason.NO_MODEL)

    @pytest.mark.usefixtures("gpu")
    def test_a_pause(self, admin: User, ada: User, cohort: Cohort) -> None:
        pauses.pause(actor=admin, model_key="starter", reason="New weights")

        assert outlook(make_clip(artist=ada, cohort=cohort)) == told(0, 0, 0, None, Reason.PAUSED)

    @pytest.mark.usefixtures("gpu")
    def test_a_worker_whose_lease_ran_out_is_not_waited_for(
        self, ada: User, cohort: Cohort
    ) -> None:
        make_clip(artist=ada, cohort=cohort)
        attempts.claim_next(worker="gpu@lost", models=["starter"])
        Attempt.objects.update(lease_until=Now() - timedelta(seconds=1))

        assert outlook(make_clip(artist=ada, cohort=cohort)) == told(0, 0, 0, "0", Reason.NEXT)


def test_an_artist_at_their_limit(gpu: Worker, ada: User, cohort: Cohort) -> None:
    terms(cohort, clips_running_per_artist=1)
    make_clip(artist=ada, cohort=cohort)
    attempts.claim_next(worker="gpu@two", models=["starter"])

    clip = make_clip(artist=ada, cohort=cohort)

    assert outlook(clip).reasons == (Reason.NEXT, Reason.ARTIST_LIMIT)
    assert 0 < (outlook(clip).seconds or 0) <= 8


@pytest.mark.usefixtures("gpu")
class TestReading:
    def test_the_same_queries_for_one_clip_and_for_many(
        self,
        ada: User,
        lucien: User,
        cohort: Cohort,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        clip = make_clip(artist=ada, cohort=cohort)
        with django_assert_num_queries(10):
            places_of([clip])
        many = [make_clip(artist=ada, cohort=cohort) for _ in range(20)]
        for number in range(10):
            artist = make_artist(cohort, f"{number}@example.org", "Somebody")
            make_clip(artist=artist, cohort=cohort)
        with django_assert_num_queries(10):
            places_of(many)

    def test_who_asks_just_afterwards_is_told_the_same_without_a_query(
        self,
        ada: User,
        lucien: User,
        cohort: Cohort,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        hers, his = (make_clip(artist=artist, cohort=cohort) for artist in (ada, lucien))
        first = places_of([hers])

        with django_assert_num_queries(0):
            assert places_of([hers]) == first
            assert places_of([his])[his.pk].outlook.artists == 1

    def test_what_the_artist_did_is_seen_at_once(self, ada: User, cohort: Cohort) -> None:
        first, last = (make_clip(artist=ada, cohort=cohort) for _ in range(2))
        assert (outlook(first).before, outlook(last).before) == (0, 1)

        clips.put_first(actor=ada, clip=last)
        assert (outlook(first).before, outlook(last).before) == (1, 0)
        assert outlook(make_clip(artist=ada, cohort=cohort)).before == 2

    def test_without_redis_it_is_made_each_time(
        self, ada: User, cohort: Cohort, settings: Settings
    ) -> None:
        settings.REDIS_URL = "redis://127.0.0.1:1/0"
        clip = make_clip(artist=ada, cohort=cohort)

        assert outlook(clip) == outlook(clip) == told(0, 0, 0, "0", Reason.NEXT)

    def test_of_a_great_many_only_the_first_are_read(
        self, ada: User, lucien: User, cohort: Cohort, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(standing, "CLIPS_EACH", (2, 3))
        hers = [make_clip(artist=ada, cohort=cohort) for _ in range(6)]
        his = make_clip(artist=lucien, cohort=cohort)
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

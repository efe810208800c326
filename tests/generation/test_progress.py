from __future__ import annotations

from decimal import Decimal

import pytest
from pytest_django import Settings

from generation.models import Clip, RenderCost
from generation.progress import Progress, Reporter, progress_of, tell
from generation.services import attempts
from generation.states import ClipState
from portal.models import Cohort, User
from tests.factories.generation import make_clip

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tiny_catalogue")]

NOWHERE = "redis://127.0.0.1:1/0"


class Clock:
    """Monotonic seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clip(ada: User, cohort: Cohort) -> Clip:
    return begun(make_clip(artist=ada, cohort=cohort))


def begun(clip: Clip) -> Clip:
    """*clip* as a page reads it once a worker renders it."""
    lease = attempts.claim_next(worker="gpu@one", models=["starter"])
    assert lease is not None
    attempts.report(token=lease.token, state=ClipState.RENDERING, step=0)
    clip.refresh_from_db()
    assert clip.started_at == lease.clip.started_at
    return clip


def seen(clip: Clip) -> tuple[int, int | None] | None:
    found = progress_of([clip]).get(clip.pk)
    return (found.step, found.seconds_left) if found else None


def test_a_step_is_seen_by_every_page(clip: Clip) -> None:
    assert progress_of([clip]) == {}

    tell([clip], step=7, seconds_left=3.2)

    assert progress_of([clip]) == {clip.pk: Progress(step=7, steps=20, seconds_left=4)}
    assert progress_of([clip])[clip.pk].percent == 35
    assert Clip.objects.get().step == 0


def test_a_batch_tells_of_all_its_clips(ada: User, cohort: Cohort) -> None:
    both = [begun(make_clip(artist=ada, cohort=cohort)) for _ in range(2)]

    Reporter(both).step(0)

    assert progress_of(both) == {
        clip.pk: Progress(step=0, steps=20, seconds_left=None) for clip in both
    }


def test_a_worker_back_from_the_dead_does_not_speak_for_the_next_try(clip: Clip) -> None:
    dead = Clip.objects.get()
    attempts.reap_lost(worker="gpu@one")
    clip.refresh_from_db()
    assert progress_of([clip]) == {}
    begun(clip)

    tell([dead], step=19, seconds_left=1)

    assert progress_of([clip]) == {}


def test_a_clip_at_rest_has_no_progress(clip: Clip) -> None:
    tell([clip], step=3, seconds_left=None)
    clip.state = ClipState.QUEUED

    assert progress_of([clip]) == {}


def test_the_time_left_goes_by_the_pace_without_the_first_step(clip: Clip) -> None:
    clock = Clock()
    reporter = Reporter([clip], clock=clock)
    told = []
    for step, took in ((0, 0), (1, 30), (2, 2), (3, 4)):
        clock.now += took
        reporter.step(step)
        told.append(seen(clip))

    assert told == [(0, None), (1, None), (2, 36), (3, 51)]


def test_what_such_clips_took_counts_what_follows_the_steps(clip: Clip) -> None:
    RenderCost.objects.create(
        model_key="starter",
        width=128,
        height=128,
        frames=17,
        steps=20,
        device="H100",
        seconds=Decimal(60),
    )
    clock = Clock()
    reporter = Reporter([clip], device="H100", clock=clock)
    told = []
    for step, took in ((0, 0), (1, 5), (2, 2), (20, 36)):
        clock.now += took
        reporter.step(step)
        told.append(seen(clip))

    # Twenty steps of two seconds; the other twenty are reading, decoding and encoding.
    assert told == [(0, 60), (1, 55), (2, 56), (20, 20)]


def test_a_bar_moves_three_times_a_second_at_most_and_always_ends(clip: Clip) -> None:
    clock = Clock()
    reporter = Reporter([clip], clock=clock)
    told = []
    for step in (0, 1, 2, 3, 4, 20):
        reporter.step(step)
        told.append(seen(clip))
        clock.now += 0.125

    assert [found[0] for found in told if found] == [0, 0, 0, 3, 3, 20]


def test_without_redis_nothing_is_told_and_nothing_breaks(clip: Clip, settings: Settings) -> None:
    settings.REDIS_URL = NOWHERE
    Reporter([clip]).step(1)

    assert progress_of([clip]) == {}

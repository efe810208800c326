"""Submits at the same moment never spend the same seconds twice."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from generation.budgets import budgets_of
from generation.errors import BudgetSpent, TooManyWaiting
from generation.models import Clip
from generation.services import attempts
from portal.models import Cohort, User
from tests.generation.conftest import make_artist
from tests.generation.test_budgets import terms
from tests.generation.test_services_create import ask

pytestmark = [
    pytest.mark.usefixtures("tiny_catalogue"),
    pytest.mark.django_db(transaction=True),
]


def at_once(calls: list[Callable[[], object]]) -> list[object]:
    """What each call answered, on a thread and connection of its own; a refusal is an answer."""
    start = threading.Barrier(len(calls))
    answers: list[object] = [None] * len(calls)

    def run(index: int, call: Callable[[], object]) -> None:
        try:
            start.wait(timeout=30)
            answers[index] = call()
        except (BudgetSpent, TooManyWaiting) as error:
            answers[index] = type(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return answers


def test_one_artist_in_eight_windows(ada: User, cohort: Cohort) -> None:
    terms(cohort, gpu_seconds_per_artist_week=7)

    answers = at_once([lambda: ask(ada, cohort)] * 8)

    assert Clip.objects.count() == 3
    assert answers.count(BudgetSpent) == 5


def test_eight_windows_and_a_short_queue(ada: User, cohort: Cohort) -> None:
    terms(cohort, clips_waiting_per_artist=3)

    answers = at_once([lambda: ask(ada, cohort)] * 8)

    assert Clip.objects.count() == 3
    assert answers.count(TooManyWaiting) == 5


def test_eight_artists_and_the_cohorts_last_seconds(cohort: Cohort) -> None:
    terms(cohort, gpu_seconds_of_cohort=7, gpu_seconds_of_cohort_week=9)
    artists = [make_artist(cohort, f"a{n}@example.org", f"Artist {n}") for n in range(8)]

    answers = at_once([lambda artist=artist: ask(artist, cohort) for artist in artists])  # type: ignore[misc]

    assert Clip.objects.count() == 3
    assert answers.count(BudgetSpent) == 5


def test_workers_that_claim_meanwhile_hide_no_clip(cohort: Cohort) -> None:
    terms(cohort, gpu_seconds_of_cohort=12)
    artists = [make_artist(cohort, f"a{n}@example.org", f"Artist {n}") for n in range(6)]
    for artist in artists[:4]:
        ask(artist, cohort)

    def claim() -> object:
        return attempts.claim_next(worker=threading.current_thread().name, models=["starter"])

    asking = [lambda artist=artist: ask(artist, cohort) for artist in artists]
    answers = at_once([*asking, claim, claim, claim, claim])

    assert Clip.objects.count() == 6
    assert answers.count(BudgetSpent) == 4
    assert budgets_of(artists[0], cohort).cohort.taken == 12

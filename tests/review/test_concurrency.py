"""Real connections at the same moment: what two people press together."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

import pytest
from django.db import connections

from portal.errors import GreenroomError
from portal.models import Cohort, User
from review.models import Claim, Decision, Review
from review.services import claims, submissions
from review.states import ReviewState
from tests.factories import review as make
from tests.factories.generation import make_ready_clip

pytestmark = pytest.mark.django_db(transaction=True)

Result = TypeVar("Result")


@pytest.fixture
def spring(transactional_db: None) -> Cohort:
    return make.make_cohort()


def at_once(calls: list[Callable[[], Result]]) -> list[Result | GreenroomError]:
    """Run *calls* on connections of their own, let go at the same moment."""
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], Result]) -> Result | GreenroomError:
        try:
            barrier.wait(timeout=60)
            return call()
        except GreenroomError as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=len(calls)) as pool:
        return list(pool.map(run, calls))


def test_two_reviewers_decide_at_once(ada: User, spring: Cohort, rosa: User, remy: User) -> None:
    for _ in range(5):
        review = make.make_review(ada, spring)
        answers = at_once(
            [partial(make.approve, review, rosa), partial(make.decline, review, remy)]
        )
        decision = Decision.objects.get(review=review)
        review.refresh_from_db()
        assert sum(isinstance(answer, Decision) for answer in answers) == 1
        assert [answer.code for answer in answers if isinstance(answer, GreenroomError)] == [
            "already_decided"
        ]
        assert review.state == {"approve": "approved", "decline": "declined"}[decision.verdict]


def test_a_double_click_on_approve_decides_once(review: Review, rosa: User) -> None:
    answers = at_once([lambda: make.approve(review, rosa)] * 4)
    assert {getattr(answer, "pk", None) for answer in answers} == {Decision.objects.get().pk}


def test_a_double_click_on_submit_submits_once(ada: User, spring: Cohort) -> None:
    clip = make_ready_clip(artist=ada, cohort=spring)
    answers = at_once([lambda: submissions.submit(actor=ada, clip=clip)] * 4)
    assert {getattr(answer, "pk", None) for answer in answers} == {Review.objects.get().pk}


def test_taking_back_and_deciding_at_once(ada: User, spring: Cohort, rosa: User) -> None:
    review = make.make_review(ada, spring)
    answers = at_once(
        [
            lambda: make.approve(review, rosa),
            lambda: submissions.withdraw(actor=ada, review=review),
        ]
    )
    review.refresh_from_db()
    refusals = [answer.code for answer in answers if isinstance(answer, GreenroomError)]
    if review.state == ReviewState.WITHDRAWN:
        assert refusals == ["review_withdrawn"]
        assert not Decision.objects.exists()
    else:
        assert (review.state, refusals) == (ReviewState.APPROVED, ["already_decided"])


def test_one_clip_opened_by_eight_is_held_by_one(review: Review, spring: Cohort) -> None:
    people = [make.make_reviewer(f"Reviewer {number}", spring) for number in range(8)]
    answers = at_once([partial(claims.claim, actor=person, review=review) for person in people])
    claim = Claim.objects.get()
    assert [answer for answer in answers if isinstance(answer, Claim)] == [claim]
    assert Counter(answer.code for answer in answers if isinstance(answer, GreenroomError)) == {
        "already_claimed": 7
    }


def test_twenty_claimers_never_hold_the_same_clip(ada: User, spring: Cohort) -> None:
    clips = [make_ready_clip(artist=ada, cohort=spring, files=False) for _ in range(40)]
    for clip in clips:
        make.submit(clip)
    people = [make.make_reviewer(f"Reviewer {number}", spring) for number in range(20)]

    def two_clips(person: User) -> list[int]:
        first = claims.claim_next(actor=person)
        second = claims.claim_next(actor=person, after=first.review if first else None)
        return [claim.review_id for claim in (first, second) if claim is not None]

    answers = at_once([partial(two_clips, person) for person in people])
    held = [review_id for answer in answers if isinstance(answer, list) for review_id in answer]
    assert len(held) == 40
    assert len(set(held)) == 40
    assert Claim.objects.unreleased().count() == 40

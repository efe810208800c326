"""Real connections at the same moment: what two people press together."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar, cast

import pgtrigger
import pytest
from django.db import connections
from django.db.models import F
from pytest_django import Settings

from generation.models import Clip
from generation.services import clips
from portal.errors import GreenroomError
from portal.models import Cohort, User
from portal.states import Role
from review import order
from review.bulk_errors import SomeRefused
from review.models import Appeal, Claim, Decision, PendingVerdict, Review
from review.services import appeals, bulk, claims, submissions, undoing
from review.services.bulk import Chosen
from review.states import AppealState, ReviewState, Verdict
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


def test_two_selections_at_once_and_several_jobs_that_finish(
    ada: User, spring: Cohort, rosa: User, remy: User, settings: Settings
) -> None:
    settings.REVIEW_UNDO_SECONDS = 20
    reviews = [make.make_review(ada, spring) for _ in range(3)]
    chosen = [
        Chosen(review=one, sha256=one.clip.sha256, settings_sha256=one.clip.settings_sha256)
        for one in reviews
    ]
    give = partial(bulk.decide_all, verdict=Verdict.APPROVE)
    answers = at_once(
        [partial(give, actor=rosa, chosen=chosen), partial(give, actor=remy, chosen=chosen[::-1])]
    )
    assert [answer for answer in answers if not isinstance(answer, GreenroomError)] == [3]
    (refusal,) = [answer for answer in answers if isinstance(answer, SomeRefused)]
    assert {error.code for _review, error in refusal.refused} == {"being_decided"}
    assert PendingVerdict.objects.unended().count() == 3
    with pgtrigger.ignore("review.PendingVerdict:pending_words_fixed"):
        PendingVerdict.objects.update(takes_effect_at=F("said_at"))
    assert sum(cast("list[int]", at_once([undoing.finish_due] * 3))) == 3
    assert Decision.objects.count() == 3
    assert set(Review.objects.values_list("state", flat=True)) == {ReviewState.APPROVED}


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


def test_a_hundred_claimers_over_a_thousand_reviews_never_hold_the_same(
    ada: User, spring: Cohort
) -> None:
    fill(make.make_review(ada, spring, files=False), 999)
    people = [make.make_reviewer(f"Reviewer {number}", spring) for number in range(100)]

    def three_each(some: list[User]) -> list[int]:
        held = []
        last: dict[int, Review] = {}
        for _ in range(3):
            for person in some:
                claim = claims.claim_next(actor=person, after=last.get(person.pk))
                assert claim is not None
                last[person.pk] = claim.review
                held.append(claim.review_id)
        return held

    answers = at_once([partial(three_each, people[start::20]) for start in range(20)])
    held = [review_id for answer in answers if isinstance(answer, list) for review_id in answer]
    assert len(held) == len(set(held)) == 300
    assert set(Claim.objects.unreleased().values_list("review", flat=True)) == set(held)
    # The queue's first are held: nobody was sent past what was free.
    queue = list(Review.objects.order_by(*order.WAITING).values_list("pk", flat=True))
    assert set(held) <= set(queue[:400])


def fill(review: Review, copies: int) -> None:
    """*copies* of *review*, each of a clip of its own."""
    clips = []
    for _ in range(copies):
        clip = Clip.objects.get(pk=review.clip_id)
        clip.pk, clip.request_id = uuid.uuid4(), uuid.uuid4()
        clip._state.adding = True
        clips.append(clip)
    Clip.objects.bulk_create(clips)
    Review.objects.bulk_create(
        Review(
            clip=clip,
            artist=review.artist,
            cohort=review.cohort,
            submitted_at=review.submitted_at,
            due_at=review.due_at,
            turn=number + 2,
        )
        for number, clip in enumerate(clips)
    )


def test_clips_handed_in_at_once_take_turns_of_their_own(ada: User, spring: Cohort) -> None:
    clips = [make_ready_clip(artist=ada, cohort=spring, files=False) for _ in range(6)]
    at_once([partial(make.submit, clip) for clip in clips])
    places = Review.objects.values_list("due_hour", "turn")
    assert len(set(places)) == 6


def test_an_appeal_is_made_once_and_answered_once(
    ada: User, spring: Cohort, rosa: User, alba: User
) -> None:
    lena = make.make_reviewer("Lena Brandt", spring, role=Role.LEAD)
    review = make.make_review(ada, spring)
    make.decline(review, rosa)
    made = at_once([partial(make.appeal, review)] * 3)
    appeal = Appeal.objects.get()
    assert {getattr(answer, "pk", None) for answer in made} == {appeal.pk}

    ways: list[Callable[[], Appeal]] = [
        partial(make.answer, appeal, lena),
        partial(make.answer, appeal, alba, outcome=AppealState.UPHELD),
        partial(appeals.withdraw, actor=ada, appeal=appeal),
    ]
    answers = at_once(ways)
    appeal.refresh_from_db()
    review.refresh_from_db()
    assert [answer.state for answer in answers if isinstance(answer, Appeal)] == [appeal.state]
    assert {answer.code for answer in answers if isinstance(answer, GreenroomError)} <= {
        "appeal_closed",
        "appeal_withdrawn",
    }
    released = appeal.state == AppealState.OVERTURNED
    assert (review.state == ReviewState.APPROVED) == released
    assert review.decisions.count() == (2 if released else 1)


def test_appealing_and_deleting_at_once(ada: User, spring: Cohort, rosa: User) -> None:
    review = make.make_review(ada, spring)
    make.decline(review, rosa)
    ways: list[Callable[[], Appeal | Clip]] = [
        partial(make.appeal, review),
        partial(clips.delete, actor=ada, clip=review.clip),
    ]
    answers = at_once(ways)
    refusals = [answer.code for answer in answers if isinstance(answer, GreenroomError)]
    gone = Clip.objects.get(pk=review.clip_id).deleted_at is not None
    assert refusals == ["nothing_to_appeal" if gone else "clip_under_appeal"]
    assert Appeal.objects.exists() != gone

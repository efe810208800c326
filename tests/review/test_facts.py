from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from generation.states import ClipState
from portal import registry
from portal.models import Cohort, User
from review.facts import facts_of
from review.models import Review
from review.services import submissions
from review.templatetags.review_clock import day_and_time
from tests.factories import review as make
from tests.factories.generation import make_clip, make_ready_clip


def labels(fact: registry.Fact) -> list[str]:
    return [str(action["label"]) for action in fact.actions]


def only(review_or_clip: Any, viewer: User) -> registry.Fact:
    clip = getattr(review_or_clip, "clip", review_or_clip)
    clip.refresh_from_db()
    return facts_of([clip], viewer)[clip.pk]


def test_a_finished_clip_can_be_submitted(ada: User, spring: Cohort) -> None:
    fact = only(make_ready_clip(artist=ada, cohort=spring, files=False), ada)
    assert (fact.state, str(fact.label)) == ("unsubmitted", "Not submitted")
    assert labels(fact) == ["Submit for release"]


def test_an_unfinished_clip_has_no_fact(ada: User, spring: Cohort) -> None:
    clip = make_clip(artist=ada, cohort=spring, state=ClipState.QUEUED)
    assert facts_of([clip], ada) == {}


def test_a_waiting_clip_says_until_when(ada: User, lucien: User, spring: Cohort) -> None:
    first = make.make_review(lucien, spring, files=False)
    second = make.make_review(ada, spring, files=False)
    Review.objects.update(due_at=first.due_at)
    time = day_and_time(first.due_at)
    fact = only(second, ada)
    assert (fact.state, str(fact.label), fact.tone) == ("waiting", "In review", "info")
    assert fact.due == first.due_at
    assert fact.note == f"Decided by {time}. 1 before yours."
    assert labels(fact) == ["Where it stands", "Take back"]
    assert only(first, lucien).note == f"Decided by {time}. Yours is next."


def test_a_late_clip_says_so(review: Review, ada: User) -> None:
    make.make_overdue(review)
    note = only(review, ada).note
    assert note == "This takes longer than promised. The whole team has been told."


def test_an_approved_clip_can_leave(review: Review, ada: User, rosa: User) -> None:
    make.approve(review, rosa, note="Lovely.")
    fact = only(review, ada)
    assert (fact.state, fact.tone, fact.note) == ("approved", "good", "Lovely.")
    assert labels(fact) == ["Share", "Download master"]


@pytest.mark.parametrize("later", [False, True], ids=["declined", "revoked"])
def test_a_refusal_says_why(review: Review, ada: User, rosa: User, alba: User, later: bool) -> None:
    if later:
        make.approve(review, rosa)
        make.revoke(review, alba)
    else:
        make.decline(review, rosa, note="It stops half way.")
    fact = only(review, ada)
    assert fact.tone == "bad"
    assert fact.note == (
        "We approved it by mistake. A logo can be read on the sail."
        if later
        else "The file is faulty. It stops half way."
    )
    assert labels(fact) == ["Why"]


def test_what_was_taken_back_can_be_submitted_again(review: Review, ada: User) -> None:
    submissions.withdraw(actor=ada, review=review)
    fact = only(review, ada)
    assert (fact.state, labels(fact)) == ("withdrawn", ["Submit for release"])
    submissions.submit(actor=ada, clip=review.clip)
    assert only(review, ada).state == "waiting"


def test_somebody_else_reads_but_does_nothing(review: Review, lucien: User) -> None:
    assert labels(only(review, lucien)) == []


def test_one_query_for_a_page(
    ada: User, spring: Cohort, rosa: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    clips = []
    for number in range(10):
        clip = make_ready_clip(artist=ada, cohort=spring, files=number % 3 == 0)
        if number % 2 == 0:
            review = make.submit(clip)
            if number % 3 == 0:
                make.approve(review, rosa)
        clips.append(clip)
    with django_assert_num_queries(1):
        assert len(facts_of(clips, ada)) == 10


def test_the_registry_asks_review(review: Review, ada: User) -> None:
    facts = registry.clip_facts([review.clip], ada)[review.clip_id]
    assert [fact.state for fact in facts if fact.state in {"waiting"}] == ["waiting"]
    assert review.due_at > timezone.now()

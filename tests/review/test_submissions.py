from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from generation.models import Clip
from generation.services import clips
from generation.signals import clip_ready
from generation.states import ClipState
from portal.errors import NotAllowed
from portal.models import AuditEntry, Cohort, User
from portal.services import members
from portal.states import CohortState, ReviewMode
from review.errors import (
    AlreadyApproved,
    AlreadyDecided,
    AlreadyRefused,
    ClipInReview,
    ClipNotReady,
    ClipReleased,
)
from review.models import Claim, Review
from review.services import claims, submissions
from review.states import ReviewState
from tests.factories import review as make
from tests.factories.generation import make_clip, make_ready_clip


def test_the_artist_submits_with_a_note_and_a_due_time(ada: User, spring: Cohort) -> None:
    clip = make_ready_clip(artist=ada, cohort=spring)
    before = timezone.now()
    review = submissions.submit(actor=ada, clip=clip, note="  For the festival.  ")
    assert (review.state, review.note, review.submitted_by) == (
        ReviewState.WAITING,
        "For the festival.",
        ada,
    )
    assert timedelta(hours=48) < review.due_at - before <= timedelta(hours=48, minutes=1, seconds=5)
    assert (review.due_at.second, review.due_at.microsecond) == (0, 0)
    entry = AuditEntry.objects.get(action="review.submitted")
    assert (entry.actor, entry.target_id, entry.reason) == (
        ada,
        str(review.pk),
        "For the festival.",
    )


def test_submitting_twice_gives_the_same_review(ada: User, spring: Cohort) -> None:
    clip = make_ready_clip(artist=ada, cohort=spring)
    first = submissions.submit(actor=ada, clip=clip)
    assert submissions.submit(actor=ada, clip=clip) == first
    assert Review.objects.count() == 1


def test_the_turn_counts_what_the_artist_has_waiting(
    ada: User, lucien: User, spring: Cohort
) -> None:
    turns = [make.make_review(ada, spring).turn for _ in range(3)]
    assert turns == [1, 2, 3]
    assert make.make_review(lucien, spring).turn == 1


def test_nobody_submits_somebody_elses_clip(ada: User, lucien: User, spring: Cohort) -> None:
    clip = make_ready_clip(artist=ada, cohort=spring)
    with pytest.raises(NotAllowed):
        submissions.submit(actor=lucien, clip=clip)


@pytest.mark.parametrize("state", sorted(set(ClipState) - {ClipState.READY}))
def test_only_a_finished_clip_is_submitted(ada: User, spring: Cohort, state: ClipState) -> None:
    clip = make_clip(artist=ada, cohort=spring, state=state)
    with pytest.raises(ClipNotReady):
        submissions.submit(actor=ada, clip=clip)


def test_finished_clips_are_submitted_from_a_closed_cohort_too(ada: User, spring: Cohort) -> None:
    clip = make_ready_clip(artist=ada, cohort=spring)
    Cohort.objects.filter(pk=spring.pk).update(state=CohortState.CLOSED)
    assert submissions.submit(actor=ada, clip=clip).state == ReviewState.WAITING


def test_who_left_submits_what_they_finished(ada: User, spring: Cohort) -> None:
    clip = make_ready_clip(artist=ada, cohort=spring)
    members.leave(actor=ada, membership=ada.memberships.get(cohort=spring))
    assert submissions.submit(actor=ada, clip=clip).state == ReviewState.WAITING


def test_what_was_decided_is_not_submitted_again(ada: User, spring: Cohort, rosa: User) -> None:
    approved, declined = make.make_review(ada, spring), make.make_review(ada, spring)
    make.approve(approved, rosa)
    make.decline(declined, rosa)
    with pytest.raises(AlreadyApproved):
        submissions.submit(actor=ada, clip=approved.clip)
    with pytest.raises(AlreadyRefused):
        submissions.submit(actor=ada, clip=declined.clip)


def test_what_was_taken_back_can_be_submitted_again(review: Review, ada: User) -> None:
    submissions.withdraw(actor=ada, review=review)
    again = submissions.submit(actor=ada, clip=review.clip)
    assert again.pk != review.pk
    assert again.state == ReviewState.WAITING


def test_taking_back_ends_the_claim(review: Review, ada: User, rosa: User) -> None:
    claims.claim(actor=rosa, review=review)
    withdrawn = submissions.withdraw(actor=ada, review=review)
    assert withdrawn.state == ReviewState.WITHDRAWN
    assert not Claim.objects.unreleased().exists()
    assert submissions.withdraw(actor=ada, review=review).closed_at == withdrawn.closed_at
    assert AuditEntry.objects.filter(action="review.withdrawn").count() == 1


def test_taking_back_comes_too_late_after_a_decision(
    review: Review, ada: User, lucien: User, rosa: User
) -> None:
    with pytest.raises(NotAllowed):
        submissions.withdraw(actor=lucien, review=review)
    make.approve(review, rosa)
    with pytest.raises(AlreadyDecided):
        submissions.withdraw(actor=ada, review=review)


def test_a_cohort_may_send_every_finished_clip(ada: User, spring: Cohort) -> None:
    clip = make_ready_clip(artist=ada, cohort=spring)
    clip_ready.send(sender=Clip, clip=clip, actor=None)
    assert not Review.objects.exists()
    Cohort.objects.filter(pk=spring.pk).update(review_mode=ReviewMode.EVERY_CLIP)
    clip = Clip.objects.get(pk=clip.pk)
    clip_ready.send(sender=Clip, clip=clip, actor=None)
    review = Review.objects.get()
    assert (review.clip, review.submitted_by, review.artist) == (clip, None, ada)


def test_a_judged_clip_is_not_deleted(
    review: Review, ada: User, rosa: User, spring: Cohort
) -> None:
    with pytest.raises(ClipInReview):
        clips.delete(actor=ada, clip=review.clip)
    make.approve(review, rosa)
    with pytest.raises(ClipReleased):
        clips.delete(actor=ada, clip=review.clip)
    declined = make.make_review(ada, spring)
    make.decline(declined, rosa)
    assert clips.delete(actor=ada, clip=declined.clip).deleted_at is not None

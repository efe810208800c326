"""Rounds: a clip for which changes were asked, and the takes and remixes that answer it. Reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from generation.models import Clip
from review.models import Decision, Review
from review.states import ReviewState

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

# A chain of remixes is followed this far back, of reviews too.
FAR = 10
OFFERED = 20


def answerable(clip: Clip) -> QuerySet[Review]:
    """Reviews that *clip* can answer: they asked its artist for changes, and nothing answers them.

    The newest first. An answer that was taken back leaves its review open to another.
    """
    answers = Review.objects.filter(follows=OuterRef("pk")).exclude(state=ReviewState.WITHDRAWN)
    return (
        Review.objects.filter(
            artist=clip.artist_id, cohort=clip.cohort_id, state=ReviewState.CHANGES
        )
        .exclude(clip=clip)
        .exclude(Exists(answers))
        .select_related("clip")
        .order_by("-closed_at", "-id")
    )


def meant_by(clip: Clip) -> Review | None:
    """The newest of these whose clip *clip* came from, or is another take of."""
    came_from = Q(clip__in=_ancestors(clip)) | Q(clip__request_id=clip.request_id)
    return answerable(clip).filter(came_from).first()


def _ancestors(clip: Clip) -> list[UUID]:
    found: list[UUID] = []
    at = clip.source_id
    while at is not None and at not in found and len(found) < FAR:
        found.append(at)
        at = Clip.objects.filter(pk=at).values_list("source", flat=True).first()
    return found


def next_takes(review: Review) -> list[Clip]:
    """Finished clips that came from the one of *review* and were not handed in: what may answer.

    The newest first.
    """
    clip = review.clip
    handed_in = Review.objects.filter(clip=OuterRef("pk")).exclude(state=ReviewState.WITHDRAWN)
    theirs = Clip.objects.filter(artist=review.artist_id, cohort=review.cohort_id)
    related = Q(source=clip) | Q(source__source=clip) | Q(request_id=clip.request_id)
    found = theirs.ready().filter(related, deleted_at__isnull=True).exclude(pk=clip.pk)
    return list(found.exclude(Exists(handed_in)).order_by("-created_at", "-id")[:6])


def answer_to(review: Review) -> Review | None:
    """The newest review that answers *review* and was not taken back."""
    answers = review.answers.exclude(state=ReviewState.WITHDRAWN)
    return answers.select_related("clip").order_by("-id").first()


def asked_before(review: Review) -> list[Decision]:
    """What was asked in the rounds before *review*, the latest first."""
    asked: list[Decision] = []
    at = review.follows_id
    while at is not None and len(asked) < FAR:
        decision = (
            Decision.objects.filter(review=at)
            .select_related("review__clip", "reviewer")
            .order_by("-id")
            .first()
        )
        if decision is None:
            break
        asked.append(decision)
        at = decision.review.follows_id
    return asked

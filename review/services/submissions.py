"""Putting a clip before the reviewers, and taking it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from generation.models import Clip
from portal.access import require_signature
from portal.errors import NotAllowed
from portal.services import audit
from review import clocks, order, rounds
from review.errors import (
    AlreadyApproved,
    AlreadyDecided,
    AlreadyRefused,
    ClipNotReady,
    NothingToAnswer,
)
from review.models import Claim, Review
from review.signals import submitted, withdrawn
from review.states import REFUSED, ReviewState

if TYPE_CHECKING:
    from portal.models import User


def submit(*, actor: User, clip: Clip, note: str = "", follows: Review | None = None) -> Review:
    """The artist asks for a release; pressing twice gives the same review.

    Also after they left the cohort, or it closed: what they made stays theirs.

    Args:
        follows: the review that asked for changes, if this clip is the answer.

    Raises:
        NotAllowed: *actor* did not make the clip.
        AgreementNotSigned: a newer agreement waits for them.
        ClipNotReady, AlreadyApproved, AlreadyRefused, NothingToAnswer
    """
    with transaction.atomic():
        locked = _lock(clip)
        if locked.artist_id != actor.pk:
            raise NotAllowed
        require_signature(actor, locked.cohort)
        return _submit(clip=locked, actor=actor, note=note.strip(), follows=follows)


def submit_finished(*, clip: Clip) -> Review:
    """The cohort's policy sends a finished clip by itself; nobody pressed anything."""
    with transaction.atomic():
        locked = _lock(clip)
        meant = rounds.meant_by(locked)
        return _submit(clip=locked, actor=None, note="", follows=meant)


def _lock(clip: Clip) -> Clip:
    return (
        Clip.objects.select_for_update(no_key=True, of=("self",))
        .select_related("cohort", "artist")
        .get(pk=clip.pk)
    )


def _submit(*, clip: Clip, actor: User | None, note: str, follows: Review | None) -> Review:
    if not clip.is_ready:
        raise ClipNotReady
    newest = clip.reviews.order_by("-id").first()
    if newest is not None:
        if newest.state == ReviewState.WAITING:
            return newest
        if newest.state == ReviewState.APPROVED:
            raise AlreadyApproved
        if newest.state in REFUSED:
            raise AlreadyRefused
    if follows is not None and not rounds.answerable(clip).filter(pk=follows.pk).exists():
        raise NothingToAnswer(field="follows")
    now = timezone.now()
    due_at = clocks.due(clip.cohort, now, hours=clip.cohort.review_hours)
    review = Review.objects.create(
        clip=clip,
        artist=clip.artist,
        cohort=clip.cohort,
        submitted_by=actor,
        note=note,
        submitted_at=now,
        due_at=due_at,
        approvals_needed=clip.cohort.approvals_needed,
        follows=follows,
        round=follows.round + 1 if follows is not None else 1,
        turn=order.next_turn(clip.artist, due_at),
    )
    audit.record(
        actor=actor,
        action="review.submitted",
        target=review,
        cohort=clip.cohort,
        after={
            "clip": str(clip.pk),
            "sha256": clip.sha256,
            "due_at": review.due_at,
            "follows": review.follows_id,
        },
        reason=note,
    )
    submitted.send(sender=Review, review=review, actor=actor)
    return review


def withdraw(*, actor: User, review: Review) -> Review:
    """The artist takes the clip back before anyone decided; pressing twice does it once.

    Raises:
        NotAllowed: the clip is somebody else's.
        AlreadyDecided: a reviewer was faster.
    """
    with transaction.atomic():
        locked = (
            Review.objects.select_for_update(no_key=True, of=("self",))
            .select_related("cohort")
            .get(pk=review.pk)
        )
        if locked.artist_id != actor.pk:
            raise NotAllowed
        if locked.state == ReviewState.WITHDRAWN:
            return locked
        if locked.state != ReviewState.WAITING:
            raise AlreadyDecided
        locked.state = ReviewState.WITHDRAWN
        locked.closed_at = timezone.now()
        locked.save(update_fields=["state", "closed_at"])
        Claim.objects.unreleased().filter(review=locked).update(released_at=locked.closed_at)
        audit.record(
            actor=actor,
            action="review.withdrawn",
            target=locked,
            cohort=locked.cohort,
            before={"state": ReviewState.WAITING},
            after={"state": ReviewState.WITHDRAWN},
        )
        withdrawn.send(sender=Review, review=locked, actor=actor)
        return locked

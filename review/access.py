"""Who may see and do what in review. Pages, API and the gate ask here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import QuerySet

from generation.models import Clip
from portal.duties import Duty, cohort_ids_for, may, may_in, people_for
from portal.models import User
from review.models import Review, ShareLink
from review.states import UNSEEN_BY_STAFF, ReviewState

if TYPE_CHECKING:
    from uuid import UUID

    from django.contrib.auth.models import AnonymousUser


def sees_desk(user: User | AnonymousUser) -> bool:
    """Whether *user* meets reviews of some cohort at the desk."""
    return may(user, Duty.LOOK)


def decides(user: User | AnonymousUser) -> bool:
    """Whether *user* decides in some cohort."""
    return may(user, Duty.DECIDE)


def _reviews_for(user: User, duty: Duty) -> QuerySet[Review]:
    cohorts = cohort_ids_for(user, duty)
    if None in cohorts:
        return Review.objects.all()
    return Review.objects.filter(cohort__in=cohorts) if cohorts else Review.objects.none()


def reviews_for(user: User, cohort_id: int) -> bool:
    """Whether *user* reviews for the cohort."""
    return may_in(user, Duty.DECIDE, cohort_id)


def oversees(user: User, cohort_id: int) -> bool:
    """Whether *user* meets the cohort's reviews at the desk."""
    return may_in(user, Duty.LOOK, cohort_id)


def may_decide(user: User, review: Review) -> bool:
    """A reviewer of the cohort, and never about their own work."""
    return review.artist_id != user.pk and reviews_for(user, review.cohort_id)


def may_revoke(user: User, review: Review) -> bool:
    """A lead reviewer or an admin of the cohort, and never about their own work."""
    return review.artist_id != user.pk and may_in(user, Duty.WITHDRAW, review.cohort_id)


def overseen_by(user: User) -> QuerySet[Review]:
    """Every review of *user*'s cohorts but those of their own work."""
    return _reviews_for(user, Duty.LOOK).exclude(artist=user)


def visible_to(user: User) -> QuerySet[Review]:
    """Reviews *user* meets at the desk.

    What an artist took back is out of sight: it was never decided and is theirs alone again.
    """
    return overseen_by(user).exclude(state__in=UNSEEN_BY_STAFF)


def decidable_by(user: User) -> QuerySet[Review]:
    """Waiting reviews *user* may decide."""
    reviewed = _reviews_for(user, Duty.DECIDE)
    return reviewed.filter(state=ReviewState.WAITING).exclude(artist=user)


def clip_of(user: User, clip_id: UUID) -> QuerySet[Clip]:
    """The artist's own clip with this id, unless deleted."""
    return Clip.objects.filter(pk=clip_id, artist=user, deleted_at__isnull=True)


def links_of(user: User, clip: Clip) -> QuerySet[ShareLink]:
    return ShareLink.objects.filter(clip=clip, clip__artist=user)


def staff_of(cohort_id: int) -> QuerySet[User]:
    """Everyone who is told when a review of the cohort runs late."""
    return people_for(Duty.LOOK, cohort_id)

"""Who may see and do what in review. Pages, API and the gate ask here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import OuterRef, Q, QuerySet, Subquery

from generation.models import Clip
from portal.duties import Duty, cohort_ids_for, may, may_in, people_for
from portal.models import User
from review.models import Conflict, Decision, PassOn, PendingVerdict, Review, ShareLink
from review.models.pendingverdict import PendingVerdictQuerySet
from review.states import UNSEEN_BY_STAFF, Opinion, ReviewState

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


def in_conflict(user: User, artist_id: int) -> bool:
    """Whether a conflict of interest of *user* with the artist is on record."""
    return Conflict.objects.live().filter(person=user, artist=artist_id).exists()


def meets(user: User, artist_id: int, cohort_id: int) -> bool:
    """Whether *user* meets the artist's reviews in the cohort at the desk, and their files."""
    return oversees(user, cohort_id) and not in_conflict(user, artist_id)


def settles(user: User, cohort_id: int) -> bool:
    """Whether *user* decides what waits for a lead in the cohort."""
    return may_in(user, Duty.SETTLE, cohort_id)


def may_judge(user: User, review: Review) -> bool:
    """A reviewer of the cohort, never about their own work, nor with a conflict of interest."""
    return (
        review.artist_id != user.pk
        and reviews_for(user, review.cohort_id)
        and not in_conflict(user, review.artist_id)
    )


def may_decide(user: User, review: Review) -> bool:
    """Who may judge it and, where it waits for a lead, is one."""
    led = review.waits_for != Opinion.LEAD or settles(user, review.cohort_id)
    return led and may_judge(user, review)


def may_revoke(user: User, review: Review) -> bool:
    """A lead or an admin of the cohort, never about their own work, nor with a conflict."""
    return (
        review.artist_id != user.pk
        and may_in(user, Duty.WITHDRAW, review.cohort_id)
        and not in_conflict(user, review.artist_id)
    )


def overseen_by(user: User) -> QuerySet[Review]:
    """Every review of *user*'s cohorts but of their own work and of whom they may not judge."""
    return _others_work(user, _reviews_for(user, Duty.LOOK))


def _others_work(user: User, reviews: QuerySet[Review]) -> QuerySet[Review]:
    conflicts = Conflict.objects.live().filter(person=user).order_by().values("artist")
    return reviews.exclude(artist=user).exclude(artist__in=conflicts)


def visible_to(user: User) -> QuerySet[Review]:
    """Reviews *user* meets at the desk.

    What an artist took back is out of sight: it was never decided and is theirs alone again.
    """
    return overseen_by(user).exclude(state__in=UNSEEN_BY_STAFF)


def decidable_by(user: User) -> QuerySet[Review]:
    """Waiting reviews *user* may decide, has not judged yet, and has not passed on."""
    reviewed = _reviews_for(user, Duty.DECIDE).filter(state=ReviewState.WAITING)
    led = cohort_ids_for(user, Duty.SETTLE)
    if None not in led:
        reviewed = reviewed.filter(~Q(waits_for=Opinion.LEAD) | Q(cohort__in=led))
    return unsaid_by(user, _others_work(user, reviewed))


def unsaid_by(user: User, waiting: QuerySet[Review]) -> QuerySet[Review]:
    """Those of *waiting* that *user* may still judge: who judged it or passed it on is done.

    What somebody has given a verdict on, that can be undone, is left out for everybody.
    """
    # Whatever was said left it waiting for another opinion. A value of one row is asked for row by
    # row, where EXISTS may be answered by reading everything the person ever decided.
    own = Decision.objects.filter(review=OuterRef("pk"), reviewer=user).values("pk")[:1]
    left = PassOn.objects.filter(review=OuterRef("pk"), reviewer=user).values("pk")[:1]
    return waiting.alias(said=Subquery(own), left=Subquery(left)).filter(
        Q(verdict_due_at__isnull=True),
        Q(waits_for=Opinion.FIRST) | Q(said__isnull=True, left__isnull=True),
    )


def others_for(review: Review, duty: Duty) -> QuerySet[User]:
    """Who does *duty* in the cohort of *review* and can still judge it."""
    conflicts = Conflict.objects.live().filter(artist=review.artist_id).order_by()
    return (
        people_for(duty, review.cohort_id)
        .exclude(pk=review.artist_id)
        .exclude(pk__in=conflicts.values("person"))
        .exclude(pk__in=Decision.objects.filter(review=review).order_by().values("reviewer"))
        .exclude(pk__in=PassOn.objects.filter(review=review).order_by().values("reviewer"))
    )


def clip_of(user: User, clip_id: UUID) -> QuerySet[Clip]:
    """The artist's own clip with this id, unless deleted."""
    return Clip.objects.filter(pk=clip_id, artist=user, deleted_at__isnull=True)


def said_by(user: User) -> PendingVerdictQuerySet:
    """What *user* said and can still undo, or could a moment ago."""
    return PendingVerdictQuerySet(PendingVerdict).filter(reviewer=user)


def links_of(user: User, clip: Clip) -> QuerySet[ShareLink]:
    return ShareLink.objects.filter(clip=clip, clip__artist=user)


def open_links_of(user: User) -> QuerySet[ShareLink]:
    """Every page *user* shared and has not closed, the newest first."""
    return ShareLink.objects.live().filter(clip__artist=user)


def staff_of(cohort_id: int) -> QuerySet[User]:
    """Everyone who is told when a review of the cohort runs late."""
    return people_for(Duty.LOOK, cohort_id)

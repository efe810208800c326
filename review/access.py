"""Who may see and do what in review. Pages, API and the gate ask here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from generation.models import Clip
from portal.models import User
from portal.states import Role
from review.models import Review, ShareLink
from review.states import UNSEEN_BY_STAFF, ReviewState

if TYPE_CHECKING:
    from uuid import UUID

STAFF_ROLES = (Role.REVIEWER, Role.ADMIN)


def _grants(user: User) -> set[tuple[str, int | None]]:
    """Roles of *user* with their cohort (None: every cohort); read once per user object."""
    if not user.is_active:
        return set()
    grants: set[tuple[str, int | None]] | None = getattr(user, "_review_grants", None)
    if grants is None:
        grants = set(user.roles.values_list("role", "cohort_id"))
        user._review_grants = grants  # type: ignore[attr-defined]
    return grants


def _roles_for(user: User, cohort_id: int) -> set[str]:
    return {role for role, cohort in _grants(user) if cohort is None or cohort == cohort_id}


def _cohorts_with(user: User, roles: Iterable[str]) -> set[int] | None:
    """Ids of the cohorts in which *user* holds one of *roles*; None means every cohort."""
    cohorts = {cohort for role, cohort in _grants(user) if role in roles}
    return None if None in cohorts else {cohort for cohort in cohorts if cohort is not None}


def _in_cohorts(cohorts: set[int] | None) -> QuerySet[Review]:
    if cohorts is None:
        return Review.objects.all()
    return Review.objects.filter(cohort__in=cohorts) if cohorts else Review.objects.none()


def reviews_for(user: User, cohort_id: int) -> bool:
    """Whether *user* is a reviewer of the cohort."""
    return Role.REVIEWER in _roles_for(user, cohort_id)


def oversees(user: User, cohort_id: int) -> bool:
    """Whether *user* is a reviewer or an admin of the cohort."""
    return bool(_roles_for(user, cohort_id) & set(STAFF_ROLES))


def may_decide(user: User, review: Review) -> bool:
    """A reviewer of the cohort, and never about their own work."""
    return review.artist_id != user.pk and reviews_for(user, review.cohort_id)


def may_revoke(user: User, review: Review) -> bool:
    """A reviewer or an admin of the cohort, and never about their own work."""
    return review.artist_id != user.pk and oversees(user, review.cohort_id)


def overseen_by(user: User) -> QuerySet[Review]:
    """Every review of *user*'s cohorts but those of their own work."""
    return _in_cohorts(_cohorts_with(user, STAFF_ROLES)).exclude(artist=user)


def visible_to(user: User) -> QuerySet[Review]:
    """Reviews *user* meets at the desk.

    What an artist took back is out of sight: it was never decided and is theirs alone again.
    """
    return overseen_by(user).exclude(state__in=UNSEEN_BY_STAFF)


def decidable_by(user: User) -> QuerySet[Review]:
    """Waiting reviews *user* may decide."""
    reviewed = _in_cohorts(_cohorts_with(user, (Role.REVIEWER,)))
    return reviewed.filter(state=ReviewState.WAITING).exclude(artist=user)


def clip_of(user: User, clip_id: UUID) -> QuerySet[Clip]:
    """The artist's own clip with this id, unless deleted."""
    return Clip.objects.filter(pk=clip_id, artist=user, deleted_at__isnull=True)


def links_of(user: User, clip: Clip) -> QuerySet[ShareLink]:
    return ShareLink.objects.filter(clip=clip, clip__artist=user)


def open_links_of(user: User) -> QuerySet[ShareLink]:
    """Every page *user* shared and has not closed, the newest first."""
    return ShareLink.objects.live().filter(clip__artist=user)


def staff_of(cohort_id: int) -> QuerySet[User]:
    """Everyone who is told when a review of the cohort runs late."""
    return (
        User.objects.filter(
            Q(roles__cohort_id=cohort_id) | Q(roles__cohort__isnull=True),
            is_active=True,
            roles__role__in=STAFF_ROLES,
        )
        .distinct()
        .order_by("pk")
    )

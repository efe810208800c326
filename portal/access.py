"""Who may what on the ground floor. Higher apps build on these predicates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from portal.states import Role

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.models import AgreementVersion, Brief, Cohort, User


def _holds(user: User | AnonymousUser, role: Role) -> bool:
    """Whether *user* holds *role* for any cohort; asked once per user object."""
    if not user.is_authenticated or not user.is_active:
        return False
    held = getattr(user, "_greenroom_roles", None)
    if held is None:
        held = set(user.roles.values_list("role", flat=True))
        user._greenroom_roles = held  # type: ignore[attr-defined]
    return role.value in held


def is_admin(user: User | AnonymousUser) -> bool:
    return _holds(user, Role.ADMIN)


def is_reviewer(user: User | AnonymousUser) -> bool:
    return _holds(user, Role.REVIEWER)


def is_staff(user: User | AnonymousUser) -> bool:
    return is_admin(user) or is_reviewer(user)


def is_artist(user: User | AnonymousUser) -> bool:
    return user.is_authenticated and user.memberships.exists()


def cohorts_visible_to(user: User) -> QuerySet[Cohort]:
    """Cohorts *user* administers, reviews for, or is a member of."""
    from portal.models import Cohort

    grants = list(user.roles.values_list("cohort_id", flat=True))
    if None in grants:
        return Cohort.objects.all()
    return Cohort.objects.filter(Q(memberships__user=user) | Q(pk__in=grants)).distinct()


def cohorts_administered_by(user: User) -> QuerySet[Cohort]:
    return _cohorts_with_role(user, Role.ADMIN)


def cohorts_reviewed_by(user: User) -> QuerySet[Cohort]:
    return _cohorts_with_role(user, Role.REVIEWER)


def _cohorts_with_role(user: User, role: Role) -> QuerySet[Cohort]:
    from portal.models import Cohort

    grants = list(user.roles.filter(role=role).values_list("cohort_id", flat=True))
    if None in grants:
        return Cohort.objects.all()
    return Cohort.objects.filter(pk__in=grants)


def briefs_visible_to(user: User) -> QuerySet[Brief]:
    from portal.models import Brief

    return Brief.objects.filter(cohort__in=cohorts_visible_to(user)).select_related("cohort")


def unsigned_versions(user: User) -> list[AgreementVersion]:
    """Newest versions of the agreements of *user*'s cohorts that they have not signed yet."""
    from portal.models import AgreementVersion

    newest = (
        AgreementVersion.objects.filter(agreement__cohorts__memberships__user=user)
        .order_by("agreement_id", "-number")
        .distinct("agreement_id")
    )
    signed = set(user.signatures.values_list("version_id", flat=True))
    return [version for version in newest if version.pk not in signed]

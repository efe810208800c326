"""Who may see and decide appeals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, QuerySet

from portal.duties import Duty, cohort_ids_for, may, people_for
from portal.models import User
from review import access
from review.models import Appeal, Conflict, Decision, PassOn
from review.models.appeal import AppealQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


def decides_appeals(user: User | AnonymousUser) -> bool:
    """Whether *user* decides appeals of some cohort."""
    return may(user, Duty.WITHDRAW)


def visible_to(user: User) -> AppealQuerySet:
    """Appeals of the cohorts *user* leads, but of their own work and of whom they may not judge."""
    cohorts = cohort_ids_for(user, Duty.WITHDRAW)
    appeals = AppealQuerySet(Appeal)
    if not cohorts:
        return appeals.none()
    if None not in cohorts:
        appeals = appeals.filter(cohort__in=cohorts)
    conflicts = Conflict.objects.live().filter(person=user).order_by().values("artist")
    return appeals.exclude(artist=user).exclude(artist__in=conflicts)


def decidable_by(user: User) -> AppealQuerySet:
    """Open appeals in whose review *user* had no part."""
    own = {"review": OuterRef("review"), "reviewer": user}
    return (
        visible_to(user)
        .open()
        .exclude(Exists(Decision.objects.filter(**own)))
        .exclude(Exists(PassOn.objects.filter(**own)))
    )


def had_a_part(user: User, appeal: Appeal) -> bool:
    """Whether *user* decided anything in the review, or passed it on."""
    own = {"review": appeal.review_id, "reviewer": user}
    return Decision.objects.filter(**own).exists() or PassOn.objects.filter(**own).exists()


def may_decide(user: User, appeal: Appeal) -> bool:
    """A lead or an admin of the cohort, without a part in the review or a conflict of interest."""
    return access.may_revoke(user, appeal.review) and not had_a_part(user, appeal)


def deciders_of(appeal: Appeal) -> QuerySet[User]:
    """Everyone who may decide the appeal."""
    conflicts = Conflict.objects.live().filter(artist=appeal.artist_id).order_by().values("person")
    took_part = Decision.objects.filter(review=appeal.review_id).order_by().values("reviewer")
    passed_on = PassOn.objects.filter(review=appeal.review_id).order_by().values("reviewer")
    return (
        people_for(Duty.WITHDRAW, appeal.cohort_id)
        .exclude(pk=appeal.artist_id)
        .exclude(pk__in=conflicts)
        .exclude(pk__in=took_part)
        .exclude(pk__in=passed_on)
    )

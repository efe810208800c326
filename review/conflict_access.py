"""Who may see, declare and end conflicts of interest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from portal.duties import MAY, Duty, cohort_ids_for, cohorts_for
from portal.models import User
from review.models import Conflict
from review.models.conflict import ConflictQuerySet

if TYPE_CHECKING:
    from portal.models import Cohort


def oversees_colleagues(user: User) -> bool:
    """Whether *user* sees and declares conflicts of others: leads and admins."""
    return bool(cohort_ids_for(user, Duty.WITHDRAW))


def _led_by(user: User) -> QuerySet[Cohort]:
    return cohorts_for(user, Duty.WITHDRAW)


def visible_to(user: User) -> ConflictQuerySet:
    """One's own, and to leads and admins those with artists of their cohorts."""
    theirs = Q(person=user)
    if oversees_colleagues(user):
        members = User.objects.filter(memberships__cohort__in=_led_by(user))
        theirs |= Q(artist__in=members)
    return ConflictQuerySet(Conflict).filter(theirs)


def artists_of(person: User) -> QuerySet[User]:
    """Whose reviews *person* could meet: members, also past ones, of their cohorts."""
    found = User.objects.filter(memberships__cohort__in=cohorts_for(person, Duty.LOOK))
    return found.exclude(pk=person.pk).distinct().order_by("name", "pk")


def colleagues_of(user: User) -> QuerySet[User]:
    """Whom *user* may speak for: who meets reviews of the cohorts they lead, and themselves."""
    looks = Q(
        Q(roles__cohort__in=_led_by(user)) | Q(roles__cohort__isnull=True),
        roles__role__in=MAY[Duty.LOOK],
        roles__revoked_at__isnull=True,
        is_active=True,
    )
    if not oversees_colleagues(user):
        return User.objects.filter(pk=user.pk)
    return User.objects.filter(looks | Q(pk=user.pk)).distinct().order_by("name", "pk")


def speaks_for(user: User, person: User, artist: User) -> bool:
    """Whether *user* may declare a conflict of *person* with *artist*."""
    if person.pk == user.pk:
        return True
    led = artist.memberships.filter(cohort__in=_led_by(user))
    return led.exists() and colleagues_of(user).filter(pk=person.pk).exists()


def endable_by(user: User) -> ConflictQuerySet:
    """What somebody declared for themselves they end; leads and admins end those of others."""
    return visible_to(user).live().filter(~Q(person=user) | Q(declared_by=user))


def may_end(user: User, conflict: Conflict) -> bool:
    """Whether *conflict*, live or not, is of the kind that *user* ends."""
    if conflict.person_id == user.pk:
        return conflict.declared_by_id == user.pk
    if not oversees_colleagues(user):
        return False
    return conflict.artist.memberships.filter(cohort__in=_led_by(user)).exists()

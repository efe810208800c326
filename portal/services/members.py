"""Members: the one way into a cohort."""

from __future__ import annotations

from django.db import transaction

from portal.errors import AlreadyMember, CohortFull, CohortNotOpen
from portal.models import Cohort, Membership, User
from portal.services import audit
from portal.signals import member_joined
from portal.states import CohortState


@transaction.atomic
def join(*, actor: User, cohort: Cohort, user: User) -> Membership:
    """Take a seat; the cohort's row is locked while seats are counted.

    Raises:
        CohortNotOpen, AlreadyMember, CohortFull
    """
    cohort = Cohort.objects.select_for_update(no_key=True).get(pk=cohort.pk)
    if cohort.state != CohortState.OPEN:
        raise CohortNotOpen()
    if cohort.memberships.filter(user=user).exists():
        raise AlreadyMember()
    if cohort.memberships.count() >= cohort.seats:
        raise CohortFull()
    membership = Membership.objects.create(cohort=cohort, user=user)
    audit.record(
        actor=actor,
        action="member.joined",
        target=membership,
        cohort=cohort,
        after={"cohort": cohort.name},
    )
    member_joined.send(sender=Membership, membership=membership)
    return membership

"""What each staff role may do: the one table that pages, services and the gate ask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from portal.states import Role

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.models import Cohort, User


class Duty(TextChoices):
    """One thing that staff do, in the words of the page that lists them."""

    LOOK = "look", _("See the clips in review and who decided what")
    DECIDE = "decide", _("Approve clips, ask for changes, decline, pass on")
    SETTLE = "settle", _("Decide where two opinions differ, and what is passed on to a lead")
    WITHDRAW = "withdraw", _("Withdraw an approval")
    COHORTS = "cohorts", _("Cohorts, invitations, briefs, access keys and webhooks")
    CONTAIN = "contain", _("Leaks and containment")
    FEEDBACK = "feedback", _("Read what artists say and answer it")
    LOG = "log", _("The log")
    PEOPLE = "people", _("People, roles and agreements")
    QUEUE = "queue", _("The GPU queue, quarantine, and pauses of a cohort")
    WORKERS = "workers", _("GPU workers, and pauses of a model or of everything")
    PAYOUTS = "payouts", _("Rates, what is owed, and payouts")


MAY: Mapping[Duty, frozenset[Role]] = {
    Duty.LOOK: frozenset({Role.REVIEWER, Role.LEAD, Role.ADMIN}),
    Duty.DECIDE: frozenset({Role.REVIEWER, Role.LEAD}),
    Duty.SETTLE: frozenset({Role.LEAD}),
    Duty.WITHDRAW: frozenset({Role.LEAD, Role.ADMIN}),
    Duty.COHORTS: frozenset({Role.ADMIN}),
    Duty.CONTAIN: frozenset({Role.ADMIN}),
    Duty.FEEDBACK: frozenset({Role.ADMIN}),
    Duty.LOG: frozenset({Role.ADMIN}),
    Duty.PEOPLE: frozenset({Role.ADMIN}),
    Duty.QUEUE: frozenset({Role.ADMIN, Role.OPERATOR}),
    Duty.WORKERS: frozenset({Role.OPERATOR}),
    Duty.PAYOUTS: frozenset({Role.FINANCE}),
}

# Done for the whole programme: a grant for some cohorts does not reach that far.
OF_THE_PROGRAMME = frozenset({Duty.PEOPLE, Duty.WORKERS})


def grants_of(user: User | AnonymousUser) -> frozenset[tuple[str, int | None]]:
    """Roles that *user* holds with their cohort (None: every one); read once per user object."""
    if not user.is_authenticated or not user.is_active:
        return frozenset()
    held: frozenset[tuple[str, int | None]] | None = getattr(user, "_greenroom_roles", None)
    if held is None:
        held = frozenset(user.roles.values_list("role", "cohort_id"))
        user._greenroom_roles = held  # type: ignore[attr-defined]
    return held


def cohort_ids_for(user: User | AnonymousUser, duty: Duty) -> frozenset[int | None]:
    """Ids of the cohorts in which *user* does *duty*; None stands for every cohort."""
    return frozenset(cohort for role, cohort in grants_of(user) if role in MAY[duty])


def may(user: User | AnonymousUser, duty: Duty) -> bool:
    """Whether *user* does *duty* in some cohort; what is of the programme, in all of them."""
    cohorts = cohort_ids_for(user, duty)
    return None in cohorts if duty in OF_THE_PROGRAMME else bool(cohorts)


def may_in(user: User | AnonymousUser, duty: Duty, cohort_id: int) -> bool:
    """Whether *user* does *duty* in this cohort."""
    cohorts = cohort_ids_for(user, duty)
    return None in cohorts or (duty not in OF_THE_PROGRAMME and cohort_id in cohorts)


def cohorts_for(user: User, duty: Duty) -> QuerySet[Cohort]:
    """The cohorts in which *user* does *duty*."""
    from portal.models import Cohort

    cohorts = cohort_ids_for(user, duty)
    if None in cohorts:
        return Cohort.objects.all()
    named = [cohort for cohort in cohorts if cohort is not None]
    return Cohort.objects.filter(pk__in=named) if named else Cohort.objects.none()


def people_for(duty: Duty, cohort_id: int | None) -> QuerySet[User]:
    """Everyone who does *duty* in the cohort, and may sign in; None for in every cohort."""
    from portal.models import User

    return (
        User.objects.filter(
            Q(roles__cohort_id=cohort_id) | Q(roles__cohort__isnull=True),
            is_active=True,
            roles__role__in=MAY[duty],
            roles__revoked_at__isnull=True,
        )
        .distinct()
        .order_by("pk")
    )


def table() -> list[dict[str, Any]]:
    """For the page: each duty's ``label`` and ``cells``, one for each role in order."""
    return [
        {
            "label": duty.label,
            "cells": [{"role": role, "may": role in MAY[duty]} for role in Role],
        }
        for duty in Duty
    ]

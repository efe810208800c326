"""Who may see and do what in payments. Each function starts from what the person may reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from payments.session_states import Confirmer, SessionState
from payments.states import FeedbackState, PayoutState
from portal.access import cohorts_administered_by, cohorts_visible_to, is_artist
from portal.duties import Duty, cohorts_for, may

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from payments.models import Dispute, PayHold, Payout, Remittance, TestingSession, WorkItem
    from payments.models.feedback import FeedbackQuerySet
    from portal.models import Cohort, User


def earns(user: User | AnonymousUser) -> bool:
    """Whether *user* has an earnings page: artists, and whoever ever worked as one."""
    if not user.is_authenticated:
        return False
    return is_artist(user) or user.work_items.exists()


def gives_feedback(user: User | AnonymousUser) -> bool:
    return is_artist(user)


def reads_feedback(user: User | AnonymousUser) -> bool:
    """Admins only: a reviewer must not know, while deciding, what an artist said of the tool."""
    return may(user, Duty.FEEDBACK)


def pays(user: User | AnonymousUser) -> bool:
    """Whether *user* sets rates, sees what is owed and moves payouts."""
    return may(user, Duty.PAYOUTS)


def cohorts_paid_by(user: User) -> QuerySet[Cohort]:
    return cohorts_for(user, Duty.PAYOUTS)


def cohorts_reported_to(user: User) -> QuerySet[Cohort]:
    """The cohorts whose report *user* reads: everyone's who is, or was, in it or works for it."""
    return cohorts_visible_to(user)


def cohorts_published_by(user: User) -> QuerySet[Cohort]:
    """The cohorts whose report *user* makes, publishes and withdraws."""
    return cohorts_administered_by(user)


def cohorts_heard_by(user: User) -> QuerySet[Cohort]:
    """The cohorts whose artists' feedback *user* reads and answers."""
    return cohorts_for(user, Duty.FEEDBACK)


def work_visible_to(user: User) -> QuerySet[WorkItem]:
    """Own work."""
    from payments.models import WorkItem

    return WorkItem.objects.filter(artist=user)


def feedback_visible_to(user: User) -> FeedbackQuerySet:
    """Own reports with their drafts; for admins also what their cohorts' artists filed."""
    from payments.models import Feedback

    mine = Q(author=user)
    if reads_feedback(user):
        mine |= Q(state=FeedbackState.FILED, cohort__in=cohorts_heard_by(user))
    return Feedback.objects.filter(mine)


def own_feedback(user: User) -> FeedbackQuerySet:
    from payments.models import Feedback

    return Feedback.objects.filter(author=user)


def payouts_managed_by(user: User) -> QuerySet[Payout]:
    """Payouts of the cohorts whose money *user* looks after."""
    from payments.models import Payout

    return Payout.objects.filter(cohort__in=cohorts_paid_by(user))


def payouts_received_by(user: User) -> QuerySet[Payout]:
    """Payouts that pay *user*, cancelled ones left out."""
    from payments.models import Payout

    return Payout.objects.filter(lines__artist=user).exclude(state=PayoutState.CANCELLED).distinct()


def remittances_managed_by(user: User) -> QuerySet[Remittance]:
    """Remittances of the cohorts whose money *user* looks after."""
    from payments.models import Remittance

    return Remittance.objects.filter(payout__cohort__in=cohorts_paid_by(user))


def people_paid_by(user: User) -> QuerySet[User]:
    """Who ever worked in a cohort whose money *user* looks after, by name."""
    from portal.models import User as Person

    cohorts = cohorts_paid_by(user)
    return (
        Person.objects.filter(work_items__cohort__in=cohorts, deleted_at__isnull=True)
        .distinct()
        .order_by("name", "pk")
    )


def holds_managed_by(user: User) -> QuerySet[PayHold]:
    """Holds on people whom *user* pays."""
    from payments.models import PayHold

    return PayHold.objects.filter(person__in=people_paid_by(user).order_by())


def own_sessions(user: User) -> QuerySet[TestingSession]:
    """Testing sessions that *user* recorded."""
    from payments.models import TestingSession

    return TestingSession.objects.filter(artist=user)


def confirms(user: User | AnonymousUser) -> bool:
    """Whether *user* may be whom a rate card names to confirm sessions."""
    return may(user, Duty.COHORTS) or may(user, Duty.PAYOUTS)


def sessions_confirmed_by(user: User) -> QuerySet[TestingSession]:
    """Sessions that the rate card gives *user* to confirm, never their own."""
    from payments.models import TestingSession

    theirs = Q(confirmer=Confirmer.ADMINS, cohort__in=cohorts_for(user, Duty.COHORTS)) | Q(
        confirmer=Confirmer.FINANCE, cohort__in=cohorts_for(user, Duty.PAYOUTS)
    )
    return (
        TestingSession.objects.filter(theirs)
        .exclude(artist=user)
        .exclude(state=SessionState.RUNNING)
    )


def own_disputes(user: User) -> QuerySet[Dispute]:
    from payments.models import Dispute

    return Dispute.objects.filter(artist=user)


def disputes_answered_by(user: User) -> QuerySet[Dispute]:
    """Disputes of the cohorts whose money *user* looks after, never their own."""
    from payments.models import Dispute

    return Dispute.objects.filter(cohort__in=cohorts_paid_by(user)).exclude(artist=user)

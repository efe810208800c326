"""What payments adds to pages of the lower floors."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from payments import access, queries
from payments.dispute_states import DisputeState
from payments.models import CohortReport, Feedback, PayeeDetails, Payout
from payments.session_states import SessionState
from payments.states import FeedbackState, PayoutState
from portal import registry
from portal.models import Cohort, User


def _payouts_to_approve(user: User) -> int:
    """Drafts of others."""
    drafts = access.payouts_managed_by(user).filter(state=PayoutState.DRAFT)
    return drafts.exclude(drafted_by=user).count()


def _unread_feedback(user: User) -> int:
    if not access.reads_feedback(user):
        return 0
    return (
        Feedback.objects.filter(
            state=FeedbackState.FILED,
            cohort__in=access.cohorts_heard_by(user),
            triage__isnull=True,
        )
        .exclude(author=user)
        .count()
    )


def _sessions_to_confirm(user: User) -> int:
    return access.sessions_confirmed_by(user).filter(state=SessionState.RECORDED).count()


def _my_sessions(user: User) -> int:
    """Those that wait for their artist."""
    return access.own_sessions(user).filter(state=SessionState.ASKED).count()


def _open_disputes(user: User) -> int:
    return access.disputes_answered_by(user).filter(state=DisputeState.OPEN).count()


def _sees_feedback(user: User) -> bool:
    return access.reads_feedback(user) or access.gives_feedback(user)


registry.add_nav(
    registry.NavItem(
        label=_("Feedback"),
        url_name="payments:feedback",
        icon="message-square",
        order=40,
        visible=_sees_feedback,
        badge=_unread_feedback,
    )
)
registry.add_nav(
    registry.NavItem(
        label=_("Sessions"),
        url_name="payments:sessions",
        icon="timer",
        order=45,
        visible=access.gives_feedback,
        badge=_my_sessions,
    )
)
registry.add_nav(
    registry.NavItem(
        label=_("Sessions to confirm"),
        url_name="payments:session_review",
        icon="timer",
        order=46,
        visible=access.confirms,
        badge=_sessions_to_confirm,
    )
)
registry.add_nav(
    registry.NavItem(
        label=_("Earnings"),
        url_name="payments:earnings",
        icon="wallet",
        order=50,
        visible=access.earns,
    )
)
registry.add_nav(
    registry.NavItem(
        label=_("Payouts"),
        url_name="payments:payouts",
        icon="banknote",
        order=60,
        visible=access.pays,
        badge=_payouts_to_approve,
    )
)
registry.add_nav(
    registry.NavItem(
        label=_("Disputes"),
        url_name="payments:dispute_inbox",
        icon="scale",
        order=61,
        visible=access.pays,
        badge=_open_disputes,
    )
)
registry.add_theirs(
    {
        "payments.feedback": ("author",),
        "payments.payeedetails": ("artist",),
        "payments.payout": ("lines__artist",),
        "payments.remittance": ("artist",),
        "payments.payhold": ("person",),
        "payments.testingsession": ("artist",),
        "payments.topup": ("artist",),
        "payments.dispute": ("artist",),
        "payments.workitem": ("artist",),
    }
)
registry.add_actions(
    {
        "rate.set": _("set a rate"),
        "work.accrued": _("recorded a piece of work"),
        "feedback.draft_saved": _("kept a draft of feedback"),
        "feedback.draft_deleted": _("threw a draft of feedback away"),
        "feedback.filed": _("filed feedback"),
        "feedback.triaged": _("said what became of feedback"),
        "session.started": _("started the clock of a testing session"),
        "session.recorded": _("recorded a testing session"),
        "session.corrected": _("corrected a testing session"),
        "session.withdrawn": _("withdrew a testing session"),
        "session.stopped": _("stopped a forgotten clock"),
        "session.confirmed": _("confirmed a testing session"),
        "session.asked": _("asked about a testing session"),
        "session.rejected": _("did not accept a testing session"),
        "session.terms_set": _("set what holds for testing sessions"),
        "floor.set": _("set the floor of an hour’s pay"),
        "dispute.raised": _("raised a dispute about pay"),
        "dispute.written": _("wrote about a dispute"),
        "dispute.settled": _("settled a dispute with an entry"),
        "dispute.closed": _("closed a dispute"),
        "payee.changed": _("changed payment details"),
        "payout.drafted": _("drafted a payout"),
        "payout.approved": _("approved a payout"),
        "payout.exported": _("exported a payout"),
        "payout.sent": _("marked a payout as sent"),
        "payout.cancelled": _("cancelled a payout"),
        "hold.placed": _("put somebody’s payouts on hold"),
        "hold.lifted": _("let somebody’s payouts go on"),
        "money_budget.set": _("set a cohort’s budget of money"),
        "report.made": _("made a cohort’s report"),
        "report.published": _("published a cohort’s report"),
        "report.withdrawn": _("withdrew a cohort’s report"),
        "remittance.settled": _("said that a remittance arrived"),
        "remittance.failed": _("said that a remittance came back"),
        "remittance.unknown": _("lost sight of a remittance"),
    }
)


def earnings_at_a_glance(request: HttpRequest) -> registry.Panel | None:
    """Artists: owed, on its way, paid."""
    user = request.user
    if not isinstance(user, User) or not access.earns(user):
        return None
    return registry.Panel(
        template="payments/panels/home_artist.html",
        context={
            "balances": queries.balances_of(user),
            "payee": PayeeDetails.objects.filter(artist=user).first(),
        },
    )


def payouts_at_a_glance(request: HttpRequest) -> registry.Panel | None:
    """Finance admins: what is owed, and payouts somebody has to move on."""
    user = request.user
    if not isinstance(user, User) or not access.pays(user):
        return None
    moving = [PayoutState.DRAFT, PayoutState.APPROVED, PayoutState.EXPORTED]
    payouts = access.payouts_managed_by(user).filter(state__in=moving)
    return registry.Panel(
        template="payments/panels/home_admin.html",
        context={
            "batches": queries.owed_batches(access.cohorts_paid_by(user)),
            "payouts": list(payouts.select_related("cohort", "drafted_by")[:5]),
            "user": user,
        },
    )


def cohort_report(request: HttpRequest, cohort: Cohort) -> registry.Panel | None:
    """Admins: the newest report, and whether the world reads one."""
    user = request.user
    reads = isinstance(user, User) and access.cohorts_reported_to(user).filter(pk=cohort.pk)
    if not reads:
        return None
    reports = CohortReport.objects.filter(cohort=cohort).readable()
    return registry.Panel(
        template="payments/panels/report.html",
        context={
            "cohort": cohort,
            "newest": reports.first(),
            "published": reports.published().count(),
        },
    )


def cohort_money(request: HttpRequest, cohort: Cohort) -> registry.Panel | None:
    """Finance admins: the rate card, what is owed and what was paid."""
    user = request.user
    if not isinstance(user, User) or not access.cohorts_paid_by(user).filter(pk=cohort.pk).exists():
        return None
    return registry.Panel(
        template="payments/panels/cohort.html",
        context={
            "cohort": cohort,
            "rates": queries.rates_of(cohort),
            "sums": queries.money_sums(cohort),
            "open_payouts": Payout.objects.filter(cohort=cohort)
            .exclude(state__in=[PayoutState.SENT, PayoutState.CANCELLED])
            .count(),
        },
    )


registry.add_home_panel(earnings_at_a_glance, order=30)
registry.add_home_panel(payouts_at_a_glance, order=40)
registry.add_cohort_panel(cohort_money, order=30)
registry.add_cohort_panel(cohort_report, order=35)

"""The part of payments in the deletion of an account: what goes, what stays, what holds it."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from payments import queries
from payments.models import Dispute, Feedback, PayeeDetails, Payout, TestingSession, WorkItem
from payments.services import forgetting
from payments.session_states import SessionState
from payments.states import FeedbackState
from portal import deletions
from portal.deletions import Erased, Hold, Kept, count_of
from portal.erasures import TEAM_WHY
from portal.models import User
from portal.templatetags.greenroom import money


def money_owed(person: User) -> Sequence[Hold]:
    """What they earned and did not get; money that is in a payout or in transit may come back."""
    due = [(balance.unpaid_minor, balance.currency) for balance in queries.balances_of(person)]
    amounts = [money(minor, currency) for minor, currency in due if minor > 0]
    if not amounts:
        return []
    text = gettext("Money that is owed to the account and has to be paid first: %(amounts)s")
    return [
        Hold(
            code="money",
            text=text % {"amounts": ", ".join(map(str, amounts))},
            url=reverse("payments:payee"),
        )
    ]


def time_unsettled(person: User) -> Sequence[Hold]:
    """Time that may still become money."""
    open_states = [SessionState.RUNNING, SessionState.RECORDED, SessionState.ASKED]
    if not TestingSession.objects.filter(artist=person, state__in=open_states).exists():
        return []
    return [
        Hold(
            code="sessions",
            text=gettext("Testing sessions that are not confirmed yet: they may have to be paid."),
            url=reverse("payments:sessions"),
        )
    ]


def disputes_running(person: User) -> Sequence[Hold]:
    """What finance still has to answer may become money."""
    if not Dispute.objects.filter(artist=person, ended_at__isnull=True).exists():
        return []
    return [
        Hold(
            code="disputes",
            text=gettext("A dispute about pay that has not ended."),
            url=reverse("payments:disputes"),
        )
    ]


def _drafts(person: User) -> int:
    return Feedback.objects.filter(author=person, state=FeedbackState.DRAFT).count()


def _filed(person: User) -> int:
    return Feedback.objects.filter(author=person).exclude(state=FeedbackState.DRAFT).count()


def _moved(person: User) -> int:
    """Payouts that *person* took a step of."""
    return Payout.objects.filter(
        Q(drafted_by=person) | Q(approved_by=person) | Q(exported_by=person) | Q(sent_by=person)
    ).count()


deletions.add_hold(money_owed)
deletions.add_hold(time_unsettled)
deletions.add_hold(disputes_running)

for erased in (
    Erased(
        key="drafts",
        label=_("Feedback you began and did not send"),
        covers=(),
        count=_drafts,
        erase=forgetting.drafts,
        order=10,
    ),
    Erased(
        key="payee",
        label=_("Where your money goes: the bank account or PayPal address"),
        covers=("payments.payeedetails.artist",),
        count=count_of(PayeeDetails, "artist"),
        erase=forgetting.payee,
        order=11,
    ),
):
    deletions.add_erased(erased)

for kept in (
    Kept(
        key="feedback",
        label=_("Feedback you sent, with its pictures"),
        why=_("What was said stays said: nobody can change or remove it, the programme least."),
        covers=("payments.feedback.author",),
        count=_filed,
    ),
    Kept(
        key="books",
        label=_("The books: work, earnings, payouts and the account they went to, sealed"),
        why=_("The law wants accounts kept for years, each amount with whom it went to."),
        covers=(
            *("payments.workitem.artist", "payments.account.owner", "payments.payoutline.artist"),
            *("payments.entry.actor", "payments.remittance.artist", "payments.payhold.person"),
            *("payments.testingsession.artist", "payments.topup.artist"),
            *("payments.dispute.artist", "payments.disputemessage.by"),
        ),
        count=count_of(WorkItem, "artist"),
    ),
    Kept(
        key="payouts",
        label=_("Payouts, rates and answers to feedback you made for the programme’s team"),
        why=TEAM_WHY,
        covers=(
            *("payments.payout.drafted_by", "payments.payout.approved_by"),
            *("payments.payout.exported_by", "payments.payout.sent_by"),
            *("payments.payout.cancelled_by", "payments.ratecard.set_by", "payments.triage.by"),
            *("payments.remittance.closed_by", "payments.payhold.placed_by"),
            *("payments.payhold.lifted_by", "payments.moneybudget.set_by"),
            *("payments.cohortreport.made_by", "payments.cohortreport.published_by"),
            "payments.cohortreport.withdrawn_by",
            "payments.testingsession.answered_by",
            *("payments.testingsession.confirmed_by", "payments.sessionterms.set_by"),
            *("payments.payfloor.set_by", "payments.dispute.ended_by"),
        ),
        count=_moved,
    ),
):
    deletions.add_kept(kept)

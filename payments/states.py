"""What payments names: kinds of work, states of a payout, and which may follow which."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from portal.states import Table


class WorkKind(TextChoices):
    """What was done. An adjustment sets right what an earlier line got wrong."""

    BRIEF_CLIP = "brief_clip", _("Clip for a brief")
    FEEDBACK = "feedback", _("Feedback report")
    TESTING_SESSION = "testing_session", _("Testing session")
    TOP_UP = "top_up", _("Top-up to the floor")
    ADJUSTMENT = "adjustment", _("Adjustment")


class RateKind(TextChoices):
    """The kinds of work a rate card can price: things done, never what was thought of them."""

    BRIEF_CLIP = "brief_clip", _("Clip for a brief")
    FEEDBACK = "feedback", _("Feedback report")
    TESTING_SESSION = "testing_session", _("Testing session")


class CapPeriod(TextChoices):
    """The stretch of time in which a rate's cap counts."""

    NONE = "none", _("No limit")
    WEEK = "week", _("a week")
    MONTH = "month", _("a month")
    COHORT = "cohort", _("the whole cohort")


class WorkState(TextChoices):
    """Where the money of one work item stands; read from payout lines and remittances."""

    OWED = "owed", _("Owed")
    IN_PAYOUT = "in_payout", _("In payout")
    IN_TRANSIT = "in_transit", _("In transit")
    PAID = "paid", _("Paid")
    RECORDED = "recorded", _("Recorded, not paid")


class AccountKind(TextChoices):
    ASSET = "asset", _("Asset")
    LIABILITY = "liability", _("Liability")
    EXPENSE = "expense", _("Expense")


class FeedbackState(TextChoices):
    DRAFT = "draft", _("Draft")
    FILED = "filed", _("Filed")


class TriageStatus(TextChoices):
    """What became of a feedback report, told to its author."""

    READ = "read", _("Read")
    PLANNED = "planned", _("Planned")
    CHANGED = "changed", _("Led to a change")
    KNOWN = "known", _("Already known")
    NOT_PLANNED = "not_planned", _("Not planned")


class PayeeMethod(TextChoices):
    IBAN = "iban", _("Bank transfer")
    PAYPAL = "paypal", _("PayPal")


class PayoutState(TextChoices):
    DRAFT = "draft", _("Draft")
    APPROVED = "approved", _("Approved")
    EXPORTED = "exported", _("Exported")
    SENT = "sent", _("Sent")
    CANCELLED = "cancelled", _("Cancelled")


PAYOUT_TRANSITIONS: Table[PayoutState] = {
    PayoutState.DRAFT: frozenset({PayoutState.APPROVED, PayoutState.CANCELLED}),
    PayoutState.APPROVED: frozenset({PayoutState.EXPORTED, PayoutState.CANCELLED}),
    PayoutState.EXPORTED: frozenset({PayoutState.SENT, PayoutState.CANCELLED}),
    PayoutState.SENT: frozenset(),
    PayoutState.CANCELLED: frozenset(),
}


class RemittanceState(TextChoices):
    """Where one transfer stands. Nobody knows of an unknown one whether the money arrived."""

    CREATED = "created", _("Ready to go")
    SENT = "sent", _("In transit")
    UNKNOWN = "unknown", _("Unknown")
    SETTLED = "settled", _("Arrived")
    FAILED = "failed", _("Came back")
    WITHDRAWN = "withdrawn", _("Withdrawn")


REMITTANCE_TRANSITIONS: Table[RemittanceState] = {
    RemittanceState.CREATED: frozenset({RemittanceState.SENT, RemittanceState.WITHDRAWN}),
    RemittanceState.SENT: frozenset(
        {RemittanceState.SETTLED, RemittanceState.FAILED, RemittanceState.UNKNOWN}
    ),
    RemittanceState.UNKNOWN: frozenset({RemittanceState.SETTLED, RemittanceState.FAILED}),
    RemittanceState.SETTLED: frozenset(),
    RemittanceState.FAILED: frozenset(),
    RemittanceState.WITHDRAWN: frozenset(),
}


class RailKind(TextChoices):
    """How the money of a payout leaves."""

    SEPA = "sepa", _("SEPA credit transfer")
    CSV = "csv", _("CSV table")
    MANUAL = "manual", _("By hand, from a list")

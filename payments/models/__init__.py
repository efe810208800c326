"""Nouns of payments."""

from payments.models.budget import MoneyBudget
from payments.models.dispute import Dispute, DisputeMessage
from payments.models.feedback import Feedback, Triage
from payments.models.floor import PayFloor, TopUp
from payments.models.hold import PayHold
from payments.models.ledger import Account, Entry, Posting
from payments.models.payee import PayeeDetails
from payments.models.payout import Payout, PayoutExport, PayoutLine
from payments.models.rate import RateCard
from payments.models.remittance import Remittance
from payments.models.report import CohortReport
from payments.models.session import SessionTerms, TestingSession
from payments.models.work import WorkItem

__all__ = [
    "Account",
    "CohortReport",
    "Dispute",
    "DisputeMessage",
    "Entry",
    "Feedback",
    "MoneyBudget",
    "PayFloor",
    "PayHold",
    "PayeeDetails",
    "Payout",
    "PayoutExport",
    "PayoutLine",
    "Posting",
    "RateCard",
    "Remittance",
    "SessionTerms",
    "TestingSession",
    "TopUp",
    "Triage",
    "WorkItem",
]

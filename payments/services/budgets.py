"""Budgets of money: set by finance, never changed, followed by newer ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from payments.errors import BadRate
from payments.models import MoneyBudget
from payments.services.ledger import lock, work_expense
from portal.services import audit
from portal.templatetags.greenroom import CURRENCIES

if TYPE_CHECKING:
    from portal.models import Cohort, User


@transaction.atomic
def set_budget(*, actor: User, cohort: Cohort, amount_minor: int, currency: str) -> MoneyBudget:
    """Plan what the cohort's work may cost. The same again changes nothing.

    Raises:
        BadRate: the amount is not above zero, or the currency unknown.
    """
    if amount_minor <= 0 or currency not in CURRENCIES:
        raise BadRate(field="amount")
    # One at a time: of a double click the second sees what the first planned.
    lock(work_expense(cohort=cohort, currency=currency))
    last = MoneyBudget.objects.filter(cohort=cohort, currency=currency).first()
    if last is not None and last.amount_minor == amount_minor:
        return last
    budget = MoneyBudget.objects.create(
        cohort=cohort, amount_minor=amount_minor, currency=currency, set_by=actor
    )
    audit.record(
        actor=actor,
        action="money_budget.set",
        target=budget,
        cohort=cohort,
        before={"amount_minor": last.amount_minor, "currency": currency} if last else None,
        after={"amount_minor": amount_minor, "currency": currency},
    )
    return budget

"""What a cohort's work may cost."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class MoneyBudget(models.Model):
    """A cohort's budget of money, in minor units of ``currency``; the newest of each counts.

    Append-only: what was planned when stays readable.
    """

    cohort = models.ForeignKey(
        "portal.Cohort", on_delete=models.PROTECT, related_name="money_budgets"
    )
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="money_budget_is_some"),
            models.CheckConstraint(
                condition=Q(currency__regex=r"^[A-Z]{3}$"), name="money_budget_currency_code"
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="money_budget_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cohort}: {self.amount_minor} {self.currency}"

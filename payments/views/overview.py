"""What finance looks after, on one page; and the budgets of cohorts."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from payments import access, remittance_queries
from payments.budget_forms import BudgetForm
from payments.models import MoneyBudget
from payments.overview import AGES, PACE_DAYS, budget_uses, owed_by_age
from payments.services.budgets import set_budget
from payments.states import RemittanceState
from portal.duties import Duty
from portal.models import Cohort
from portal.views.base import SignedInRequest, only_for, recent_proof, show_form


@only_for(Duty.PAYOUTS)
@require_safe
def overview(request: SignedInRequest) -> HttpResponse:
    cohorts = access.cohorts_paid_by(request.user)
    standing = remittance_queries.on_their_way(access.remittances_managed_by(request.user))
    return render(
        request,
        "payments/overview.html",
        {
            "owed": owed_by_age(cohorts),
            "ages": AGES,
            "unknown": [row for row in standing if row.state == RemittanceState.UNKNOWN],
            "in_transit": [row for row in standing if row.state == RemittanceState.SENT],
            "budgets": budget_uses(cohorts),
            "pace_days": PACE_DAYS,
        },
    )


@only_for(Duty.PAYOUTS)
@require_http_methods(["GET", "HEAD", "POST"])
@recent_proof
def budget(request: SignedInRequest, slug: str) -> HttpResponse:
    """What the work of one cohort may cost, and what was planned before."""
    cohort = get_object_or_404(access.cohorts_paid_by(request.user), slug=slug)
    form = BudgetForm(request.POST or None, currency=cohort.currency)
    if request.method == "POST" and form.is_valid():
        saved = form.attempt(
            lambda: set_budget(
                actor=request.user,
                cohort=cohort,
                amount_minor=form.amount_minor,
                currency=cohort.currency,
            )
        )
        if saved is not None:
            messages.success(request, _("The budget is set."))
            return redirect("payments:overview")
    history = MoneyBudget.objects.filter(cohort=cohort).select_related("set_by")
    [use] = [
        one
        for one in budget_uses(Cohort.objects.filter(pk=cohort.pk))
        if one.currency == cohort.currency
    ]
    return show_form(
        request, "payments/budget.html", form, {"cohort": cohort, "use": use, "history": history}
    )

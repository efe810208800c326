"""A cohort's rate card: what work pays now, what comes, what was."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from payments import access, queries
from payments.forms import RateForm
from payments.services.rates import set_rate
from portal.duties import Duty
from portal.views.base import SignedInRequest, only_for, show_form


@only_for(Duty.PAYOUTS)
@require_http_methods(["GET", "HEAD", "POST"])
def rates(request: SignedInRequest, slug: str) -> HttpResponse:
    cohort = get_object_or_404(access.cohorts_paid_by(request.user), slug=slug)
    if request.method == "POST":
        form = RateForm(request.POST, currency=cohort.currency)
        if form.is_valid():
            rate = form.attempt(lambda: set_rate(actor=request.user, cohort=cohort, **form.terms()))
            if rate is not None:
                messages.success(request, _("The new rate is set."))
                return redirect("payments:rates", cohort.slug)
    else:
        form = RateForm(currency=cohort.currency)
    return show_form(
        request, "payments/rates.html", form, {"cohort": cohort, "rates": queries.rates_of(cohort)}
    )

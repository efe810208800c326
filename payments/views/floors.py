"""The floor of a cohort: what holds, what comes, what was."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from payments import access
from payments.floor_forms import FloorForm
from payments.floor_queries import floor_of
from payments.models import PayFloor
from payments.services.floors import set_floor
from portal.duties import Duty
from portal.views.base import SignedInRequest, only_for, show_form


@only_for(Duty.PAYOUTS)
@require_http_methods(["GET", "HEAD", "POST"])
def floor(request: SignedInRequest, slug: str) -> HttpResponse:
    cohort = get_object_or_404(access.cohorts_paid_by(request.user), slug=slug)
    form = FloorForm(request.POST if request.method == "POST" else None, currency=cohort.currency)
    if request.method == "POST" and form.is_valid():
        saved = form.attempt(lambda: set_floor(actor=request.user, cohort=cohort, **form.terms()))
        if saved is not None:
            messages.success(request, _("The floor is set."))
            return redirect("payments:floor", cohort.slug)
    floors = list(PayFloor.objects.filter(cohort=cohort).select_related("set_by"))
    current = floor_of(floors, timezone.localdate().replace(day=1))
    return show_form(
        request,
        "payments/floor.html",
        form,
        {"cohort": cohort, "floors": floors, "current": current},
    )

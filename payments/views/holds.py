"""Holds on payouts: who is not paid for now, and why."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from payments import access
from payments.hold_forms import HoldForm
from payments.services import holds as services
from portal.duties import Duty
from portal.errors import GreenroomError
from portal.views.base import SignedInRequest, only_for, recent_proof, refuse, show_form


@only_for(Duty.PAYOUTS)
@require_http_methods(["GET", "HEAD", "POST"])
@recent_proof
def holds(request: SignedInRequest) -> HttpResponse:
    """Everybody on hold, and the form that adds somebody."""
    people = access.people_paid_by(request.user)
    form = HoldForm(request.POST or None, people=people)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        done = form.attempt(
            lambda: services.place(
                actor=request.user, person=typed["person"], reason=typed["reason"]
            )
        )
        if done is not None:
            messages.success(request, _("Payouts to this artist are on hold. They have been told."))
            return redirect("payments:holds")
    rows = access.holds_managed_by(request.user).filter(lifted_at__isnull=True)
    return show_form(
        request,
        "payments/holds.html",
        form,
        {"holds": rows.select_related("person", "placed_by")},
    )


@only_for(Duty.PAYOUTS)
@require_POST
@recent_proof
def lift(request: SignedInRequest, hold_id: int) -> HttpResponse:
    hold = get_object_or_404(access.holds_managed_by(request.user), pk=hold_id)
    try:
        services.lift(actor=request.user, hold=hold)
    except GreenroomError as error:
        return refuse(request, error, "payments:holds")
    messages.success(request, _("Payouts to this artist go on. They have been told."))
    return redirect("payments:holds")

"""The end of a cohort: moved to a later day, or now."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal import registry
from portal.member_forms import CloseForm, ExtendForm
from portal.models import Cohort
from portal.services import cohorts
from portal.states import CohortState
from portal.views.base import SignedInRequest, admins_only, recent_proof, show_form
from portal.views.cohorts import cohort_or_404


@admins_only
@require_http_methods(["GET", "HEAD", "POST"])
def cohort_extend(request: SignedInRequest, slug: str) -> HttpResponseBase:
    found = _not_closed_or_404(request, slug)
    sent = request.POST if request.method == "POST" else None
    form = ExtendForm(sent, initial={"ends_on": found.ends_on})
    if form.is_valid():
        extended = form.attempt(
            lambda: cohorts.extend(actor=request.user, cohort=found, **form.cleaned_data)
        )
        if extended is not None:
            messages.success(request, _("Saved. The artists have been told."))
            return redirect("cohort", found.slug)
    return show_form(request, "portal/programme/cohort_extend.html", form, {"cohort": found})


@admins_only
@require_http_methods(["GET", "HEAD", "POST"])
@recent_proof
def cohort_close(request: SignedInRequest, slug: str) -> HttpResponseBase:
    """What stops and what stays, and a reason for the artists."""
    found = _not_closed_or_404(request, slug)
    form = CloseForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        closed = form.attempt(
            lambda: cohorts.change_state(
                actor=request.user,
                cohort=found,
                state=CohortState.CLOSED,
                reason=form.cleaned_data["reason"],
            )
        )
        if closed is not None:
            messages.success(request, _("The cohort is closed, and its artists have been told."))
            return redirect("cohort", found.slug)
    return show_form(
        request,
        "portal/programme/cohort_close.html",
        form,
        {"cohort": found, "stops": registry.ending_reach(found)},
    )


def _not_closed_or_404(request: SignedInRequest, slug: str) -> Cohort:
    found = cohort_or_404(request, slug)
    if found.state == CohortState.CLOSED:
        raise Http404
    return found

"""Cohorts as admins run them."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal import access, queries, registry
from portal.errors import GreenroomError
from portal.forms import CohortForm, ReasonForm
from portal.models import Agreement, Cohort
from portal.services import cohorts
from portal.states import CohortState, Feature
from portal.views.base import SignedInRequest, admins_only, programme_only, refuse, show_form

# The rest is on the list of invitations.
NEWEST = 20

STATES = {
    "pause": CohortState.PAUSED,
    "reopen": CohortState.OPEN,
}


def cohort_or_404(request: SignedInRequest, slug: str) -> Cohort:
    """The cohort, if this person administers it."""
    return get_object_or_404(
        access.cohorts_administered_by(request.user).select_related("agreement"), slug=slug
    )


@admins_only
@require_safe
def programme(request: SignedInRequest) -> HttpResponse:
    """Every cohort this admin runs."""
    return render(
        request,
        "portal/programme/cohorts.html",
        {
            "cohorts": queries.cohorts_for_list(request.user),
            "may_create": access.runs_programme(request.user),
        },
    )


@programme_only
@require_http_methods(["GET", "HEAD", "POST"])
def cohort_new(request: SignedInRequest) -> HttpResponseBase:
    form = CohortForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = form.attempt(lambda: cohorts.create_cohort(actor=request.user, **form.terms()))
        if made is not None:
            messages.success(request, _("The cohort is open. Invite the first artist."))
            return redirect("cohort", made.slug)
    return show_form(
        request,
        "portal/programme/cohort_form.html",
        form,
        {"has_agreement": Agreement.objects.exists(), "has_models": bool(registry.model_choices())},
    )


@admins_only
@require_safe
def cohort(request: SignedInRequest, slug: str) -> HttpResponse:
    """One cohort: terms, members, invitations, briefs, and what other apps add."""
    found = cohort_or_404(request, slug)
    listed = list(queries.members_of(found))
    return render(
        request,
        "portal/programme/cohort.html",
        {
            "cohort": found,
            "members": [member for member in listed if member.is_live],
            "gone": [member for member in listed if not member.is_live],
            "invitations": queries.invitations_of(found)[:NEWEST],
            "briefs": found.briefs.all(),
            "seats_left": queries.seats_left(found),
            "panels": registry.cohort_panels(request, found),
            "features_off": [Feature(feature).label for feature in found.features_off],
            "model_titles": [
                title for key, title in registry.model_choices() if key in found.models_on_offer
            ],
            "history": queries.timeline(queries.history_of(found, limit=10)),
            "reason_form": ReasonForm(),
        },
    )


@admins_only
@require_http_methods(["GET", "HEAD", "POST"])
def cohort_edit(request: SignedInRequest, slug: str) -> HttpResponseBase:
    found = cohort_or_404(request, slug)
    form = CohortForm(request.POST or None, initial=CohortForm.values_of(found))
    if request.method == "POST" and form.is_valid():
        changed = form.attempt(
            lambda: cohorts.update_cohort(actor=request.user, cohort=found, **form.terms())
        )
        if changed is not None:
            messages.success(request, _("Saved."))
            return redirect("cohort", found.slug)
    return show_form(
        request,
        "portal/programme/cohort_form.html",
        form,
        {"cohort": found, "has_agreement": True, "has_models": True},
    )


@admins_only
@require_POST
def cohort_state(request: SignedInRequest, slug: str, verb: str) -> HttpResponseBase:
    """Pause or reopen."""
    if verb not in STATES:
        raise Http404
    found = cohort_or_404(request, slug)
    here = reverse("cohort", args=[slug])
    form = ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    try:
        cohorts.change_state(actor=request.user, cohort=found, state=STATES[verb], reason=reason)
    except GreenroomError as error:
        return refuse(request, error, here)
    messages.success(request, _("Done. It is in the log with your name."))
    return redirect(here)

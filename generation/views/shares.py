"""Who gets how much of the GPUs' time, as staff set it for a cohort and for each artist in it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from generation.queries import weights_in
from generation.services import shares
from generation.share_forms import SharesForm
from portal.access import cohorts_administered_by, runs_programme
from portal.queries import members_of
from portal.views.base import SignedInRequest, show_form


@require_http_methods(["GET", "HEAD", "POST"])
def cohort_shares(request: SignedInRequest, slug: str) -> HttpResponseBase:
    """The weights of a cohort's artists; its own too, for whoever runs all cohorts."""
    cohort = get_object_or_404(cohorts_administered_by(request.user), slug=slug)
    own, weights = weights_in(cohort)
    members = members_of(cohort).filter(ended_at=None).order_by("user__name", "user_id")
    form = SharesForm(
        request.POST if request.method == "POST" else None,
        own=own if runs_programme(request.user) else None,
        artists=[membership.user for membership in members],
        weights=weights,
    )
    if form.is_valid():
        changed = form.attempt(
            lambda: shares.weigh_all(
                actor=request.user, cohort=cohort, own=form.own, artists=form.typed
            )
        )
        if changed is not None:
            messages.success(request, _("The shares hold from the next clip on."))
            return redirect("queue:shares", cohort.slug)
    return show_form(request, "generation/staff/shares.html", form, {"cohort": cohort})

"""The webhooks of a cohort, which are told of everybody's clips in it."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal import access
from portal.services import webhooks
from portal.states import CohortState
from portal.views.base import SignedInRequest, admins_only, show_form
from portal.views.cohorts import cohort_or_404
from portal.views.webhooks import rows_of, secret_once
from portal.webhook_forms import WebhookForm


@admins_only
@require_safe
def cohort_webhooks(request: SignedInRequest, slug: str) -> HttpResponse:
    cohort = cohort_or_404(request, slug)
    endpoints = access.webhooks_visible_to(request.user).filter(owner=None, cohort=cohort)
    return render(
        request,
        "portal/programme/webhooks.html",
        {
            "cohort": cohort,
            "rows": rows_of(endpoints),
            "may_make": cohort.state != CohortState.CLOSED,
        },
    )


@admins_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required(allow_get=True)  # type: ignore[untyped-decorator]
def cohort_webhook_new(request: SignedInRequest, slug: str) -> HttpResponseBase:
    cohort = cohort_or_404(request, slug)
    form = WebhookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = form.attempt(
            lambda: webhooks.create(
                actor=request.user, cohort=cohort, terms=form.terms(), for_programme=True
            )
        )
        if made is not None:
            return secret_once(request, made)
    return show_form(
        request,
        "portal/webhook_form.html",
        form,
        {"cohort": cohort, "back_url": reverse("cohort_webhooks", args=[cohort.slug])},
    )

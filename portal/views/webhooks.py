"""Webhooks: an artist's list, and one endpoint's page with its log, for whoever it belongs to."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal import access, queries
from portal.errors import GreenroomError
from portal.models import Cohort, User, WebhookDelivery, WebhookEndpoint
from portal.services import webhook_events, webhooks
from portal.services.webhooks import NewSecret
from portal.states import CohortState, DeliveryState, EndpointState
from portal.views.base import SignedInRequest, artists_only, refuse, show_form
from portal.webhook_forms import OwnWebhookForm, RotateSecretForm, WebhookForm

LOG = 100
TONES = {
    "active": "success",
    "paused": "neutral",
    "stopped": "danger",
    "waiting": "info",
    "sending": "info",
    "delivered": "success",
    "given_up": "danger",
}
VERBS = {"pause": webhooks.pause, "resume": webhooks.resume}
# Why there was no answer.
ERRORS = {
    "target_refused": gettext_lazy("This address is not allowed, or leads into a private network."),
    "target_unknown": gettext_lazy("No computer of this name was found."),
    "no_connection": gettext_lazy("Nobody answered there, or the line broke."),
    "tls": gettext_lazy("Its certificate is not valid for this name."),
    "too_slow": gettext_lazy("It took longer than 15 seconds."),
    "no_http": gettext_lazy("What answered does not speak HTTP."),
    "secret_unreadable": gettext_lazy("Its secret cannot be read any more. Make a new one."),
}


def rows_of(endpoints: QuerySet[WebhookEndpoint]) -> list[dict[str, Any]]:
    """Endpoints as the tables show them."""
    return [
        {
            "endpoint": endpoint,
            "tone": TONES[endpoint.state],
        }
        for endpoint in endpoints
    ]


def secret_once(request: SignedInRequest, made: NewSecret) -> HttpResponse:
    """The one page that shows a secret; the views that call it keep it out of every cache."""
    return render(request, "portal/webhook_once.html", {"endpoint": made.row, "clear": made.clear})


@artists_only
@require_safe
def webhook_list(request: SignedInRequest) -> HttpResponse:
    return render(
        request,
        "portal/webhooks.html",
        {
            "rows": rows_of(access.webhooks_of(request.user)),
            "may_make": _open_cohorts(request.user).exists(),
        },
    )


@artists_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required(allow_get=True)  # type: ignore[untyped-decorator]
def webhook_new(request: SignedInRequest) -> HttpResponseBase:
    is_sent = request.method == "POST"
    # A cohort that was paused meanwhile is refused with what was typed, not with a missing page.
    cohorts = _cohorts(request.user) if is_sent else _open_cohorts(request.user)
    if not cohorts:
        raise Http404
    form = OwnWebhookForm(request.POST or None, cohorts=cohorts)
    if is_sent and form.is_valid():
        made = form.attempt(
            lambda: webhooks.create(
                actor=request.user, cohort=form.cleaned_data["cohort"], terms=form.terms()
            )
        )
        if made is not None:
            return secret_once(request, made)
    return show_form(request, "portal/webhook_form.html", form, {"back_url": reverse("webhooks")})


@require_safe
def webhook(request: SignedInRequest, webhook_id: int) -> HttpResponse:
    """Where it stands, and the newest of what it was told."""
    found = _or_404(request, webhook_id)
    entries = [_entry(delivery) for delivery in found.deliveries.all()[: LOG + 1]]
    return render(
        request,
        "portal/webhook.html",
        {
            **_place(found),
            "tone": TONES[found.state],
            "overlaps": found.is_overlapping(),
            "entries": entries[:LOG],
            "is_cut": len(entries) > LOG,
            "page": LOG,
            "waiting": found.deliveries.filter(state=DeliveryState.WAITING).count(),
            "may_resume": found.state in {EndpointState.PAUSED, EndpointState.STOPPED},
        },
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required(allow_get=True)  # type: ignore[untyped-decorator]
def webhook_edit(request: SignedInRequest, webhook_id: int) -> HttpResponseBase:
    found = _or_404(request, webhook_id)
    known = {"name": found.name, "url": found.url, "events": found.events}
    form = WebhookForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        changed = form.attempt(
            lambda: webhooks.change(actor=request.user, endpoint=found, terms=form.terms())
        )
        if changed is not None:
            messages.success(request, _("Saved."))
            return redirect("webhook", found.pk)
    return show_form(
        request,
        "portal/webhook_form.html",
        form,
        {**_place(found), "back_url": reverse("webhook", args=[found.pk])},
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required(allow_get=True)  # type: ignore[untyped-decorator]
def webhook_rotate(request: SignedInRequest, webhook_id: int) -> HttpResponseBase:
    found = _or_404(request, webhook_id)
    form = RotateSecretForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = form.attempt(
            lambda: webhooks.rotate_secret(actor=request.user, endpoint=found, overlap=form.hours)
        )
        if made is not None:
            return secret_once(request, made)
    return show_form(request, "portal/webhook_rotate.html", form, _place(found))


@require_POST
def webhook_state(request: SignedInRequest, webhook_id: int, verb: str) -> HttpResponseBase:
    found = _or_404(request, webhook_id)
    if verb not in VERBS:
        raise Http404
    return _then(request, found, lambda: VERBS[verb](actor=request.user, endpoint=found))


@require_POST
def webhook_test(request: SignedInRequest, webhook_id: int) -> HttpResponseBase:
    found = _or_404(request, webhook_id)
    return _then(
        request,
        found,
        lambda: webhook_events.send_test(actor=request.user, endpoint=found),
        said=_("A test is on its way. Load this page again to see what came back."),
    )


@require_POST
def delivery_again(request: SignedInRequest, delivery_id: int) -> HttpResponseBase:
    found = get_object_or_404(access.deliveries_visible_to(request.user), pk=delivery_id)
    return _then(
        request,
        found.endpoint,
        lambda: webhook_events.send_again(actor=request.user, delivery=found),
        said=_("It is sent once more."),
    )


@require_POST
def webhook_remove(request: SignedInRequest, webhook_id: int) -> HttpResponseBase:
    found = _or_404(request, webhook_id)
    try:
        webhooks.remove(actor=request.user, endpoint=found)
    except GreenroomError as error:
        return refuse(request, error, "home")
    messages.success(request, _("The webhook “%(webhook)s” is removed.") % {"webhook": found.name})
    return redirect(_list_url(found))


def _then(
    request: SignedInRequest, found: WebhookEndpoint, change: Any, *, said: str = ""
) -> HttpResponse:
    """Do one thing to *found* and show its page."""
    here = reverse("webhook", args=[found.pk])
    try:
        change()
    except GreenroomError as error:
        return refuse(request, error, here)
    if said:
        messages.success(request, said)
    return redirect(here)


def _entry(delivery: WebhookDelivery) -> dict[str, Any]:
    return {
        "delivery": delivery,
        "event_id": webhook_events.event_id(delivery),
        "tone": TONES[delivery.state],
        "error": ERRORS.get(delivery.error, delivery.error),
        "is_settled": delivery.settled_at is not None,
        "is_retried": delivery.state == DeliveryState.WAITING and delivery.tries > 0,
    }


def _place(found: WebhookEndpoint) -> dict[str, Any]:
    """What every page of one endpoint needs to say where it belongs."""
    return {"endpoint": found, "list_url": _list_url(found)}


def _list_url(found: WebhookEndpoint) -> str:
    if found.owner_id is None:
        return reverse("cohort_webhooks", args=[found.cohort.slug])
    return reverse("webhooks")


def _or_404(request: SignedInRequest, webhook_id: int) -> WebhookEndpoint:
    return get_object_or_404(access.webhooks_visible_to(request.user), pk=webhook_id)


def _cohorts(artist: User) -> QuerySet[Cohort]:
    return queries.members_cohorts(artist)


def _open_cohorts(artist: User) -> QuerySet[Cohort]:
    return _cohorts(artist).filter(state=CohortState.OPEN)

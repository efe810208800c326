"""The public pages of the waiting list: apply, confirm, withdraw."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal import application_queries
from portal.application_forms import ApplyForm
from portal.errors import GreenroomError, TooOften
from portal.limits import spend
from portal.models import ApplicationCall, Cohort
from portal.requests import client_address, network_of
from portal.services import application_news, applications
from portal.states import ApplicationState
from portal.tokens import hash_token
from portal.views.base import show_form

MOST_FROM_A_NETWORK = 20
MOST_OF_AN_ADDRESS = 3


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def apply(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The form; it answers the same whoever has applied or is in already."""
    call = _call_or_404(slug)
    if not call.takes_on(timezone.localdate()):
        return render(request, "portal/apply_closed.html", {"call": call}, status=200)
    form = ApplyForm(request.POST if request.method == "POST" else None, slug=slug)
    if request.method == "POST":
        if form.is_by_a_program:
            return redirect("apply_sent", slug)
        if form.is_valid():
            done = form.attempt(lambda: _apply(request, call.cohort, form))
            if done:
                return redirect("apply_sent", slug)
    return show_form(
        request,
        "portal/apply.html",
        form,
        {"call": call, "kept_days": settings.APPLICATION_DAYS},
    )


@login_not_required
@require_safe
def apply_sent(request: HttpRequest, slug: str) -> HttpResponse:
    return render(request, "portal/apply_sent.html", {"call": _call_or_404(slug)})


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def application_link(request: HttpRequest, token: str) -> HttpResponse:
    """The mailed link. Looking changes nothing: mail programs open links by themselves."""
    try:
        found = applications.find(token=token)
        if request.method == "POST" and "withdraw" in request.POST:
            applications.withdraw(token=token)
            return render(request, "portal/application_link.html", {"withdrawn": found.cohort})
        if request.method == "POST":
            found = applications.confirm(token=token)
    except GreenroomError as error:
        return render(
            request, "portal/application_link.html", {"error": error}, status=error.status
        )
    return render(
        request,
        "portal/application_link.html",
        {
            "application": found,
            "is_confirmed": found.state != ApplicationState.UNCONFIRMED,
            "deleted_at": application_news.deleted_at(found),
        },
    )


def _apply(request: HttpRequest, cohort: Cohort, form: ApplyForm) -> bool:
    values = form.cleaned_data
    address = client_address(request)
    network = str(network_of(address)) if address is not None else "socket"
    whose = hash_token(values["email"].strip().lower())
    for bucket, most in (
        (f"apply-from:{network}", MOST_FROM_A_NETWORK),
        (f"apply-of:{whose}", MOST_OF_AN_ADDRESS),
    ):
        if not spend(bucket, most=most, seconds=3600).allowed:
            raise TooOften
    applications.apply(
        cohort=cohort,
        email=values["email"],
        name=values["name"],
        language=get_language() or "en",
        links=values["links"],
        note=values["note"],
    )
    return True


def _call_or_404(slug: str) -> ApplicationCall:
    found = application_queries.open_call(slug)
    if found is None:
        raise Http404
    return found

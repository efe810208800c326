"""Where an artist lets a program in by the code it shows them."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from portal import queries
from portal.device_errors import DeviceLoginTooOften
from portal.errors import GreenroomError
from portal.key_forms import CodeForm, DeviceForm
from portal.limits import spend
from portal.models import DeviceLogin, User
from portal.services import device_logins
from portal.states import CohortState, Feature
from portal.views.base import SignedInRequest, artists_only, refuse, show_form

# Of one person: eight letters cannot be guessed at that pace.
MOST_CODES = 30
SPAN = 600


@artists_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required(allow_get=True)  # type: ignore[untyped-decorator]
def device(request: SignedInRequest) -> HttpResponseBase:
    """The code, then who asks and for what; whoever confirms has proved lately who they are."""
    typed = request.POST if request.method == "POST" else request.GET
    if not typed.get("code", "").strip():
        return show_form(request, "portal/device.html", CodeForm(), {"login": None})
    entry = CodeForm({"code": typed["code"]})
    login = entry.attempt(lambda: _named(request.user, typed["code"])) if entry.is_valid() else None
    if login is None:
        return show_form(request, "portal/device.html", entry, {"login": None})
    cohorts = queries.members_cohorts(request.user)
    if request.method != "POST":
        cohorts = cohorts.filter(state=CohortState.OPEN)
        cohorts = cohorts.exclude(features_off__contains=[Feature.ACCESS_KEYS])
        if not cohorts:
            raise Http404
    form = DeviceForm(
        request.POST if request.method == "POST" else None,
        cohorts=cohorts,
        initial={"code": typed["code"], "name": login.client},
    )
    if form.is_bound and form.is_valid():
        values: dict[str, Any] = form.cleaned_data
        confirmed = form.attempt(
            lambda: device_logins.confirm(
                actor=request.user,
                login=login,
                cohort=values["cohort"],
                key_name=values["name"],
                days=int(values["days"]),
            )
        )
        if confirmed is not None:
            messages.success(
                request,
                _("“%(client)s” is let in. It fetches its key by itself; go back to it.")
                % {"client": confirmed.client},
            )
            return redirect("keys")
    context = {"login": login, "code": typed["code"]}
    return show_form(request, "portal/device.html", form, context)


@artists_only
@require_POST
def device_refuse(request: SignedInRequest) -> HttpResponseBase:
    try:
        login = _named(request.user, request.POST.get("code", ""))
        device_logins.refuse(actor=request.user, login=login)
    except GreenroomError as error:
        return refuse(request, error, "device")
    messages.success(
        request, _("“%(client)s” was sent away; it gets no key.") % {"client": login.client}
    )
    return redirect("keys")


def _named(person: User, code: str) -> DeviceLogin:
    spent = spend(f"device-page:{person.pk}", most=MOST_CODES, seconds=SPAN)
    if not spent.allowed:
        raise DeviceLoginTooOften(retry_after=spent.resets_in)
    return device_logins.waiting(user_code=code)

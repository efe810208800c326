"""What the views of every app share."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from portal import access
from portal.duties import Duty, may
from portal.errors import GreenroomError
from portal.forms import GreenroomForm
from portal.middleware import refusal
from portal.models import User

Params = ParamSpec("Params")


class SignedInRequest(HttpRequest):
    """A request that login is required for."""

    user: User


View = Callable[Concatenate[SignedInRequest, Params], HttpResponseBase]


def admins_only(view: View[Params]) -> View[Params]:
    """For admins of any cohort; to everybody else the page does not exist."""
    return _only(access.is_admin, view)


def artists_only(view: View[Params]) -> View[Params]:
    """For members of a cohort; to everybody else the page does not exist."""
    return _only(access.is_artist, view)


def programme_only(view: View[Params]) -> View[Params]:
    """For who runs the whole programme; to everybody else the page does not exist."""
    return _only(access.runs_programme, view)


def only_for(duty: Duty) -> Callable[[View[Params]], View[Params]]:
    """For staff who do *duty* in some cohort; to everybody else the page does not exist."""

    def limited(view: View[Params]) -> View[Params]:
        return _only(lambda user: may(user, duty), view)

    return limited


def recent_proof(view: View[Params]) -> View[Params]:
    """For what weighs: who signed in too long ago proves again that it is them, then it goes on.

    allauth's own decorator asks even somebody who has just signed in. A person without password,
    passkey and app has nothing to prove it by and is not asked.
    """

    @wraps(view)
    def guarded(
        request: SignedInRequest, /, *args: Params.args, **kwargs: Params.kwargs
    ) -> HttpResponseBase:
        if request.method == "POST" and not _proved_recently(request):
            raise ReauthenticationRequired
        return view(request, *args, **kwargs)

    return guarded


def _proved_recently(request: SignedInRequest) -> bool:
    proofs = get_authentication_records(request, request.user)
    newest = max((proof["at"] for proof in proofs), default=0)
    if time.time() - newest < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT:
        return True
    return not get_reauthentication_flows(request.user)


def _only(may: Callable[[User], bool], view: View[Params]) -> View[Params]:
    @wraps(view)
    def guarded(
        request: SignedInRequest, /, *args: Params.args, **kwargs: Params.kwargs
    ) -> HttpResponseBase:
        if not may(request.user):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def refuse(request: HttpRequest, error: GreenroomError, redirect_to: str) -> HttpResponse:
    """Say why not, on the page the person came from; a live page gets a toast."""
    if request.headers.get("HX-Request") == "true":
        return refusal(request, error)
    messages.error(request, str(error.message))
    return redirect(redirect_to)


def show_form(
    request: HttpRequest,
    template: str,
    form: GreenroomForm,
    context: dict[str, Any] | None = None,
) -> HttpResponse:
    """A page with a form, with the status that the form's errors ask for."""
    return render(request, template, {"form": form, **(context or {})}, status=form.status)

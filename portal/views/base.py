"""What the views of every app share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from portal import access
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

"""The invited person's page: read, then accept with a password or a passkey."""

from __future__ import annotations

from typing import cast

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from portal import access, queries
from portal.errors import GreenroomError, SignInFirst
from portal.forms import AcceptForm
from portal.models import Invitation, User
from portal.services import invitations
from portal.services.people import has_account, owns_address

WAYS = {"password", "passkey"}


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show an invitation; accept it on POST. Reading it changes nothing, so link scanners may."""
    try:
        found = queries.invitation_by_token(token)
    except GreenroomError as error:
        return _closed(request, error)
    _speak_language_of(request, found)
    if request.user.is_authenticated:
        return _accept_signed_in(request, found, token)
    if has_account(found.email):
        return _sign_in_first(request, found, token)
    if request.method != "POST":
        form = AcceptForm(email=found.email, initial={"name": found.name})
        return _page(request, found, token, form)
    form = AcceptForm(request.POST, email=found.email)
    if not form.is_valid():
        return _page(request, found, token, form)
    try:
        membership = invitations.accept(
            actor=None,
            token=token,
            name=form.cleaned_data["name"],
            language=get_language() or found.language,
            password=form.cleaned_data["password"],
        )
    except SignInFirst:
        return _sign_in_first(request, found, token)
    except GreenroomError as error:
        return _closed(request, error)
    return _enter(request, membership.user, with_passkey=form.wants_passkey)


@login_not_required
@require_POST
def invitation_opened(request: HttpRequest, token: str) -> HttpResponse:
    """The page says that a person, not a link scanner, looks at it."""
    try:
        invitations.open_invitation(token=token)
    except GreenroomError as error:
        return HttpResponse(status=error.status)
    return HttpResponse(status=204)


def _accept_signed_in(request: HttpRequest, found: Invitation, token: str) -> HttpResponseBase:
    user = cast(User, request.user)
    is_theirs = owns_address(user, found.email)
    if request.method == "POST":
        try:
            membership = invitations.accept(actor=user, token=token)
        except GreenroomError as error:
            return _closed(request, error)
        messages.success(request, _("Welcome to %(cohort)s.") % {"cohort": membership.cohort.name})
        return redirect(_first_page(user))
    return render(
        request,
        "portal/invitation.html",
        {
            "invitation": found,
            "state": "accept" if is_theirs else "another",
            "url": reverse("invitation", args=[token]),
        },
        status=200 if is_theirs else 409,
    )


def _sign_in_first(request: HttpRequest, found: Invitation, token: str) -> HttpResponse:
    return render(
        request,
        "portal/invitation.html",
        {
            "invitation": found,
            "state": "sign_in",
            "url": reverse("invitation", args=[token]),
        },
        status=SignInFirst.status if request.method == "POST" else 200,
    )


def _page(request: HttpRequest, found: Invitation, token: str, form: AcceptForm) -> HttpResponse:
    return render(
        request,
        "portal/invitation.html",
        {
            "invitation": found,
            "state": "join",
            "form": form,
            "url": reverse("invitation", args=[token]),
            "opened_url": reverse("invitation_opened", args=[token]),
        },
        status=form.status,
    )


def _closed(request: HttpRequest, error: GreenroomError) -> HttpResponse:
    return render(request, "portal/invitation_closed.html", {"error": error}, status=error.status)


def _enter(request: HttpRequest, person: User, *, with_passkey: bool) -> HttpResponseBase:
    """Sign the new person in: the link they used was mailed to their address."""
    target = reverse("mfa_add_webauthn") if with_passkey else _first_page(person)
    response: HttpResponseBase = perform_login(
        request, person, email_verification="none", redirect_url=target, email=person.email
    )
    # Adding a passkey asks for a fresh proof of identity; the mailed link was one.
    record_authentication(request, person, method="code", email=person.email, reauthenticated=True)
    return response


def _first_page(person: User) -> str:
    return reverse("sign_agreement" if access.unsigned_versions(person) else "home")


def _speak_language_of(request: HttpRequest, found: Invitation) -> None:
    """The language it was written in, until the reader chooses another."""
    if request.user.is_authenticated or settings.LANGUAGE_COOKIE_NAME in request.COOKIES:
        return
    translation.activate(found.language)
    request.LANGUAGE_CODE = found.language

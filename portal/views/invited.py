"""The invited person's pages: read, then accept with a password or a passkey, or decline.

Programs open mailed links before people do, to look for malware. So no page does anything when it
is fetched, whatever the method's name: each step is a POST that a person's act sends, and that an
invitation was opened is noted when somebody moves the pointer, touches the screen or presses a key.
"""

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
from portal.errors import (
    GreenroomError,
    InvitationExpired,
    InvitationForAnother,
    InvitationInvalid,
    SignInFirst,
)
from portal.forms import AcceptForm
from portal.invitation_errors import InvitationDeclined
from portal.invitation_forms import DeclineForm
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
        return _closed(request, error, token)
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
        return _closed(request, error, token)
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


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation_decline(request: HttpRequest, token: str) -> HttpResponseBase:
    """Ask whether they really decline and why, and decline on POST; the link is proof enough."""
    try:
        found = queries.invitation_by_token(token)
    except GreenroomError as error:
        return _closed(request, error, token)
    _speak_language_of(request, found)
    if _is_another(request, found):
        return _another(request, found, token)
    form = DeclineForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            invitations.decline(token=token, note=form.cleaned_data["note"])
        except GreenroomError as error:
            return _closed(request, error, token)
        return render(request, "portal/invitation_declined.html", {"invitation": found})
    return render(
        request,
        "portal/invitation_decline.html",
        {
            "invitation": found,
            "form": form,
            "url": reverse("invitation", args=[token]),
            "opened_url": reverse("invitation_opened", args=[token]),
        },
        status=form.status,
    )


@login_not_required
@never_cache
@require_POST
def invitation_ask(request: HttpRequest, token: str) -> HttpResponseBase:
    """Whoever holds a link that ended asks for a new one; the cohort's admins read it."""
    found = queries.invitation_of_link(token)
    if found is None:
        return _closed(request, InvitationInvalid(), token)
    _speak_language_of(request, found)
    try:
        asked = invitations.ask_anew(token=token)
    except GreenroomError as error:
        return _closed(request, error, token)
    return render(request, "portal/invitation_asked.html", {"invitation": asked})


def _accept_signed_in(request: HttpRequest, found: Invitation, token: str) -> HttpResponseBase:
    user = cast(User, request.user)
    if _is_another(request, found):
        return _another(request, found, token)
    if request.method == "POST":
        try:
            membership = invitations.accept(actor=user, token=token)
        except GreenroomError as error:
            return _closed(request, error, token)
        messages.success(request, _("Welcome to %(cohort)s.") % {"cohort": membership.cohort.name})
        return redirect(_first_page(user))
    return render(
        request,
        "portal/invitation.html",
        {"invitation": found, "state": "accept", **_urls(token)},
    )


def _is_another(request: HttpRequest, found: Invitation) -> bool:
    """Whether somebody is signed in whose address this is not."""
    user = request.user
    return isinstance(user, User) and not owns_address(user, found.email)


def _another(request: HttpRequest, found: Invitation, token: str) -> HttpResponse:
    return render(
        request,
        "portal/invitation.html",
        {"invitation": found, "state": "another", "url": reverse("invitation", args=[token])},
        status=InvitationForAnother.status,
    )


def _urls(token: str) -> dict[str, str]:
    return {
        "url": reverse("invitation", args=[token]),
        "opened_url": reverse("invitation_opened", args=[token]),
        "decline_url": reverse("invitation_decline", args=[token]),
    }


def _sign_in_first(request: HttpRequest, found: Invitation, token: str) -> HttpResponse:
    return render(
        request,
        "portal/invitation.html",
        {"invitation": found, "state": "sign_in", **_urls(token)},
        status=SignInFirst.status if request.method == "POST" else 200,
    )


def _page(request: HttpRequest, found: Invitation, token: str, form: AcceptForm) -> HttpResponse:
    return render(
        request,
        "portal/invitation.html",
        {"invitation": found, "state": "join", "form": form, **_urls(token)},
        status=form.status,
    )


def _closed(request: HttpRequest, error: GreenroomError, token: str) -> HttpResponse:
    """Why the link opens nothing, and what to do next."""
    found = queries.invitation_of_link(token)
    if found is not None:
        _speak_language_of(request, found)
    may_ask = isinstance(error, InvitationExpired | InvitationDeclined)
    return render(
        request,
        "portal/invitation_closed.html",
        {
            "error": error,
            "invitation": found,
            "url": reverse("invitation", args=[token]),
            "ask_url": reverse("invitation_ask", args=[token]) if may_ask else "",
        },
        status=error.status,
    )


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

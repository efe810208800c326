"""What happens around every request of the ground floor."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.http import urlencode

from portal import access, queries
from portal.errors import GreenroomError
from portal.requests import Origin, origin, request_id

GetResponse = Callable[[HttpRequest], HttpResponse]

# Long enough for a UUID with dashes, and as wide as the column that keeps it.
_SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,36}")


class RequestIdMiddleware:
    """Gives every request an id; a proxy's own ``X-Request-ID`` is kept when it is sane.

    The log reads the id, and where the request comes from, out of the context.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        chosen = given if _SANE_ID.fullmatch(given) else str(uuid.uuid4())
        token, whence = request_id.set(chosen), origin.set(Origin(request))
        try:
            response = self.get_response(request)
        finally:
            request_id.reset(token)
            origin.reset(whence)
        response["X-Request-ID"] = chosen
        return response


# How much later than it was a session may say that it was seen.
_SEEN_FOR = 60


class SeenMiddleware:
    """Keeps when and from where each session was last seen, for the list of one's sessions.

    Once a minute, and at once when address or browser changes; allauth's own middleware writes to
    the database with every request.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        session = request.session.session_key
        if session and request.user.is_authenticated:
            agent = request.headers.get("User-Agent", "")
            seen = f"{session} {get_adapter().get_client_ip(request)} {agent}"
            if cache.add(f"seen:{hashlib.sha256(seen.encode()).hexdigest()}", 1, _SEEN_FOR):
                UserSession.objects.create_from_request(request)
        return self.get_response(request)


class UserLanguageMiddleware:
    """A signed-in person reads their own language, whatever the browser or cookie says."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)


class RefusalMiddleware:
    """A refusal that no view turned into a message becomes a page, or a toast in a live page.

    So does what is not found by somebody who lost a role while its page was open.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, GreenroomError):
            return refusal(request, error)
        if isinstance(error, Http404) and (lost := queries.role_lost_by(request.user)):
            return refusal(request, lost)
        return None


def refusal(request: HttpRequest, error: GreenroomError) -> HttpResponse:
    """*error* as an answer: a toast for htmx, a designed page for everybody else."""
    if request.headers.get("HX-Request") == "true":
        response = HttpResponse(status=error.status)
        response["HX-Reswap"] = "none"
        response["HX-Trigger"] = json.dumps(
            {"toast": {"text": str(error.message), "tone": "error"}}
        )
        return response
    return render(request, "portal/refused.html", {"error": error}, status=error.status)


class SecondFactorMiddleware:
    """Staff open nothing before they have a second factor; allauth then asks for it at sign-in.

    What asks for a sign-in is closed unless ``settings.OPEN_WITHOUT_SECOND_FACTOR`` names it, so
    a page that nobody thought of is closed as well.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        match = request.resolver_match
        if (
            match is None
            or not settings.STAFF_SECOND_FACTOR
            or not request.user.is_authenticated
            or not getattr(view, "login_required", True)
        ):
            return None
        name = match.view_name or ""
        if any(fnmatchcase(name, pattern) for pattern in settings.OPEN_WITHOUT_SECOND_FACTOR):
            return None
        return (
            _first(request, "second_factor") if access.lacks_second_factor(request.user) else None
        )


class AgreementMiddleware:
    """Pages where work is made ask for a signature under the newest agreement first.

    Which pages: ``settings.AGREEMENT_FIRST``, and only ``AGREEMENT_AGAIN`` of them for whoever
    signed before: nobody has to sign a new text to reach what is already theirs.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        match = request.resolver_match
        if match is None or not request.user.is_authenticated:
            return None
        name = match.view_name or ""
        if not any(fnmatchcase(name, pattern) for pattern in settings.AGREEMENT_FIRST):
            return None
        if not any(owes for _cohort, owes in access.memberships_of(request.user)):
            return None
        signed_before = request.user.signatures.exists()
        if signed_before and not any(
            fnmatchcase(name, pattern) for pattern in settings.AGREEMENT_AGAIN
        ):
            return None
        return _first(request, "sign_agreement")


def _first(request: HttpRequest, name: str) -> HttpResponse:
    """Send the person to the page *name*, which sends them back when it is done."""
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=403, headers={"HX-Redirect": reverse(name)})
    here = request.get_full_path() if request.method == "GET" else ""
    return HttpResponseRedirect(reverse(name) + (f"?{urlencode({'next': here})}" if here else ""))

"""The demo's shortcuts: sign in as anyone, read every mail. Absent outside the demo."""

from __future__ import annotations

import email
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default as modern
from email.utils import parsedate_to_datetime
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from csp.decorators import csp, csp_update
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from portal import demo
from portal.models import User

Params = ParamSpec("Params")
View = Callable[Concatenate[HttpRequest, Params], HttpResponseBase]

SHOWN = 200
_NAME = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9]{6}-[0-9a-f]{6}")


def demo_only(view: View[Params]) -> View[Params]:
    @wraps(view)
    def guarded(
        request: HttpRequest, /, *args: Params.args, **kwargs: Params.kwargs
    ) -> HttpResponseBase:
        if not settings.DEMO:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@login_not_required
@demo_only
@never_cache
@require_POST
def demo_sign_in(request: HttpRequest) -> HttpResponseBase:
    """Sign in as one of the demo's people, by address."""
    wanted = request.POST.get("email", "")
    if wanted not in {person.email for person in demo.PEOPLE}:
        raise Http404
    person = get_object_or_404(User, email=wanted, is_active=True)
    if request.user.is_authenticated:
        logout(request)
    response: HttpResponseBase = perform_login(
        request, person, email_verification="none", redirect_url=reverse("home")
    )
    record_authentication(request, person, method="demo")
    return response


@dataclass(frozen=True, kw_only=True)
class StoredMail:
    """One mail of the outbox, read from its file."""

    name: str
    to: str
    subject: str
    at: datetime | None
    text: str
    html: str


@login_not_required
@demo_only
@never_cache
@require_safe
def demo_outbox(request: HttpRequest) -> HttpResponse:
    """Every mail the demo sent, newest first."""
    files = sorted(Path(settings.EMAIL_FILE_PATH).glob("*.eml"), reverse=True)[:SHOWN]
    return render(request, "portal/demo/outbox.html", {"mails": [_read(file) for file in files]})


@login_not_required
@demo_only
@never_cache
@csp_update({"frame-src": ["'self'"]})  # type: ignore[arg-type]  # it knows no view arguments
@require_safe
def demo_mail(request: HttpRequest, name: str) -> HttpResponse:
    return render(request, "portal/demo/mail.html", {"mail": _mail_or_404(name)})


@login_not_required
@demo_only
@never_cache
@xframe_options_sameorigin
@csp(  # type: ignore[arg-type]
    {
        "default-src": ["'none'"],
        "style-src": ["'unsafe-inline'"],
        "img-src": ["'self'"],
        "frame-ancestors": ["'self'"],
        "sandbox": ["allow-popups", "allow-top-navigation-by-user-activation"],
    }
)
@require_safe
def demo_mail_html(request: HttpRequest, name: str) -> HttpResponse:
    """The mail as a mail reader shows it: alone in a sandbox, with its own inline styles."""
    mail = _mail_or_404(name)
    if not mail.html:
        raise Http404
    return HttpResponse(mail.html)


def _mail_or_404(name: str) -> StoredMail:
    file = Path(settings.EMAIL_FILE_PATH) / f"{name}.eml"
    if not _NAME.fullmatch(name) or not file.is_file():
        raise Http404
    return _read(file)


def _read(file: Path) -> StoredMail:
    message = email.message_from_bytes(file.read_bytes(), policy=modern)
    return StoredMail(
        name=file.stem,
        to=str(message["To"]),
        subject=str(message["Subject"]),
        at=_moment(str(message["Date"] or "")),
        text=_part(message, "plain"),
        html=_part(message, "html"),
    )


def _moment(header: str) -> datetime | None:
    """A ``-0000`` zone means UTC of unknown origin, which the parser leaves bare."""
    if not header:
        return None
    at = parsedate_to_datetime(header)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part is not None else ""

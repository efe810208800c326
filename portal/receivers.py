"""What accounts do by themselves (sign in, change a password or a passkey) enters the audit log."""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

from portal import registry
from portal.actions import LABELS
from portal.models import AccessKey, User
from portal.requests import client_address
from portal.services import audit, devices, leaks
from portal.signals import key_frozen
from portal.templatetags.greenroom_components import browser

DEVICE_COOKIE = "greenroom_device"

registry.add_actions(LABELS)
registry.add_theirs(
    {
        "portal.accesskey": ("owner",),
        "portal.consent": ("person",),
        "portal.containment": ("person", "key__owner"),
        "portal.devicelogin": ("decided_by",),
        "portal.emailchange": ("user",),
        "portal.invitation": ("accepted_by",),
        "portal.leakbaseline": ("person",),
        "portal.membership": ("user",),
        "portal.signature": ("user",),
        "portal.takeout": ("person",),
        "portal.user": ("pk",),
        "portal.webhookendpoint": ("owner",),
    }
)


@receiver(user_logged_in)
def _signed_in(user: User, **kwargs: Any) -> None:
    audit.record(actor=user, action="person.signed_in", target=user)


@receiver(account.user_logged_in)
def _from_which_browser(
    request: HttpRequest, response: HttpResponse, user: User, **kwargs: Any
) -> None:
    mark = devices.greet(
        user=user,
        mark=request.COOKIES.get(DEVICE_COOKIE, "")[:100],
        client=str(browser(request.headers.get("User-Agent", ""))),
        address=str(client_address(request) or "?"),
    )
    response.set_cookie(
        DEVICE_COOKIE,
        mark,
        max_age=devices.REMEMBERED,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


@receiver(user_logged_out)
def _signed_out(user: User | None, **kwargs: Any) -> None:
    if user is not None:
        audit.record(actor=user, action="person.signed_out", target=user)


@receiver(account.password_set)
def _password_set(user: User, **kwargs: Any) -> None:
    audit.record(actor=user, action="person.password_set", target=user)


@receiver(account.password_changed)
def _password_changed(user: User, **kwargs: Any) -> None:
    audit.record(actor=user, action="person.password_changed", target=user)


@receiver(account.password_reset)
def _password_reset(user: User, **kwargs: Any) -> None:
    audit.record(actor=user, action="person.password_reset", target=user)


@receiver(account.email_changed)
def _email_changed(
    user: User, from_email_address: Any, to_email_address: Any, **kwargs: Any
) -> None:
    audit.record(
        actor=user,
        action="person.email_changed",
        target=user,
        before={"email": getattr(from_email_address, "email", "")},
        after={"email": to_email_address.email},
    )


@receiver(mfa.authenticator_added)
def _factor_added(user: User, authenticator: Any, **kwargs: Any) -> None:
    audit.record(
        actor=user, action="person.factor_added", target=user, after={"type": authenticator.type}
    )


@receiver(mfa.authenticator_removed)
def _factor_removed(user: User, authenticator: Any, **kwargs: Any) -> None:
    audit.record(
        actor=user,
        action="person.factor_removed",
        target=user,
        before={"type": authenticator.type},
    )


@receiver(mfa.authenticator_reset)
def _factor_reset(user: User, authenticator: Any, **kwargs: Any) -> None:
    audit.record(
        actor=user, action="person.factor_reset", target=user, after={"type": authenticator.type}
    )


@receiver(key_frozen)
def _counts_start_afresh(key: AccessKey, **kwargs: Any) -> None:
    leaks.start_afresh(key)

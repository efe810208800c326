"""Telling one person something: a line in the portal and a mail after commit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.functional import Promise

from portal.models import Notification

if TYPE_CHECKING:
    from portal.models import User


def notify(
    *,
    user: User,
    kind: str,
    title: str | Promise,
    text: str | Promise = "",
    url: str = "",
    params: Mapping[str, Any] | None = None,
    mail: bool = True,
) -> Notification:
    """Tell *user*; ``title`` and ``text`` may hold ``%(name)s`` filled from *params*.

    Both are rendered in the language of *user*, not of whoever caused the notice.
    ``url`` is a path on this site.
    """
    values = dict(params or {})
    with translation.override(user.language):
        said_title = str(title) % values if values else str(title)
        said_text = str(text) % values if values else str(text)
    notice = Notification.objects.create(
        user=user, kind=kind, title=said_title[:160], text=said_text, url=url
    )
    if mail:
        transaction.on_commit(
            lambda: send_mail_to(
                email=user.email,
                name=user.name,
                language=user.language,
                subject=said_title,
                text=said_text,
                url=url,
            )
        )
    return notice


def send_mail_to(
    *,
    email: str,
    name: str,
    language: str,
    subject: str,
    text: str,
    url: str = "",
    button: str | Promise = "",
) -> None:
    """Send one mail in text and HTML. Call it after commit only."""
    with translation.override(language):
        context = {
            "name": name,
            "subject": subject,
            "text": text,
            "url": f"{settings.BASE_URL}{url}" if url else "",
            "button": str(button),
            "base_url": settings.BASE_URL,
            "language": language,
        }
        message = EmailMultiAlternatives(
            subject=subject.replace("\n", " "),
            body=render_to_string("emails/notice.txt", context),
            to=[f"{name} <{email}>" if name and "<" not in name else email],
        )
        message.attach_alternative(render_to_string("emails/notice.html", context), "text/html")
        message.send()

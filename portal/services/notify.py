"""Telling one person something: a line in the portal and a mail that leaves after commit."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import formataddr
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.functional import Promise

from portal.models import Notification
from portal.services import outbox

if TYPE_CHECKING:
    from portal.models import OutgoingMail, User


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
        said_text = (str(text) % values if values else str(text)).strip()
    notice = Notification.objects.create(
        user=user, kind=kind, title=said_title[:160], text=said_text, url=url
    )
    if mail and user.deleted_at is None:
        send_mail_to(
            email=user.email,
            name=user.name,
            language=user.language,
            subject=said_title,
            text=said_text,
            url=url,
        )
    return notice


def send_mail_to(
    *,
    email: str,
    name: str,
    language: str,
    subject: str | Promise,
    text: str | Promise,
    url: str = "",
    button: str | Promise = "",
    about: models.Model | None = None,
) -> OutgoingMail:
    """Write one mail, text and HTML, in *language*; it leaves when the transaction commits.

    ``url`` is a path on this site; ``button`` is what its link says.
    """
    with translation.override(language):
        context = {
            "name": name,
            "subject": str(subject),
            "text": str(text),
            "url": f"{settings.BASE_URL}{url}" if url else "",
            "button": str(button),
            "base_url": settings.BASE_URL,
            "language": language,
        }
        body = render_to_string("emails/notice.txt", context)
        html = render_to_string("emails/notice.html", context)
    return outbox.put(
        to=formataddr((name, email)) if name else email,
        subject=context["subject"],
        text=body,
        html=html,
        about=about,
    )

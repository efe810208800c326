"""What the frame of every page needs, each part worked out only when a template asks for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from portal import access, demo, registry
from portal.duties import grants_of
from portal.models import User
from portal.services import containment
from portal.states import Role

Value = TypeVar("Value")


def once(work_out: Callable[[], Value]) -> Callable[[], Value]:
    """A value that a template works out when it first names it; templates call what they can."""
    return cache(work_out)


def page(request: HttpRequest) -> dict[str, Any]:
    """``nav``, ``unread_count``, ``role_label`` and links of the header; what is ``contained`` for
    the reader; the demo's people."""
    known: dict[str, Any] | None = getattr(request, "_greenroom_page", None)
    if known is None:
        known = {"demo_mode": settings.DEMO}
        user = getattr(request, "user", None)
        if isinstance(user, User) or (user is not None and user.is_authenticated):
            known |= {
                "nav": once(lambda: nav_for(user, request.path)),
                "unread_count": once(lambda: user.notifications.filter(read_at=None).count()),
                "may_run_programme": once(lambda: access.runs_programme(user)),
                "may_administer": once(lambda: access.is_admin(user)),
                "programme_tabs": once(lambda: registry.programme_tabs(user)),
                "contained": once(lambda: containment.notices_for(user)),
                "role_label": once(lambda: role_label(user)),
                "notifications_url": reverse("notifications"),
                "settings_url": reverse("profile"),
            }
        elif settings.DEMO:
            known["demo_people"] = once(demo.people_for_page)
        request._greenroom_page = known  # type: ignore[attr-defined]
    return known


def nav_for(user: User, path: str) -> list[dict[str, Any]]:
    """The entries *user* sees; the one whose address is the longest start of *path* is active."""
    entries = [
        {
            "label": item.label,
            "url": reverse(item.url_name),
            "icon": item.icon,
            "badge": item.badge(user),
            "active": False,
        }
        for item in registry.nav_items()
        if item.visible(user)
    ]
    fitting = [entry for entry in entries if path.startswith(entry["url"])]
    if fitting:
        max(fitting, key=lambda entry: len(entry["url"]))["active"] = True
    return entries


def role_label(user: User) -> str:
    """What somebody is here, in words."""
    held = {role for role, _cohort in grants_of(user)}
    labels = [str(role.label) for role in Role if role in held]
    if access.is_artist(user):
        labels.append(_("Artist"))
    return " · ".join(labels)

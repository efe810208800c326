"""What must be true before Greenroom serves anybody; `manage.py check` and every start ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.db import OperationalError

from portal.rights import rights

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1", "[::1]", "testserver"})
_SHORTEST_KEY = 40
_FEWEST_CHARACTERS = 10


@register()
def secret_key_is_secret(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Outside the demo the key that signs sessions must be long and not a placeholder."""
    if settings.DEMO or settings.TOOL:
        return []
    key = settings.SECRET_KEY
    if len(key) >= _SHORTEST_KEY and len(set(key)) >= _FEWEST_CHARACTERS:
        return []
    return [
        Error(
            f"GREENROOM_SECRET_KEY is too easy to guess ({len(key)} characters).",
            hint="python -c 'import secrets; print(secrets.token_urlsafe(48))' makes a good one.",
            id="portal.E001",
        )
    ]


@register()
def demo_stays_on_loopback(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """The demo lets anyone sign in as anyone, so only this machine may reach it."""
    if not settings.DEMO:
        return []
    hosts = {*settings.ALLOWED_HOSTS, urlsplit(settings.BASE_URL).hostname or ""}
    return [
        Error(
            f"GREENROOM_DEMO is on, but Greenroom would answer as {host}.",
            hint="Set GREENROOM_DEMO=0, or leave GREENROOM_HOSTS and GREENROOM_URL on loopback.",
            id="portal.E002",
        )
        for host in sorted(hosts - LOOPBACK)
    ]


@register(deploy=True)
def log_is_kept_by_rights(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Whoever speaks to the database in the application's name should not be able to rewrite it."""
    try:
        gaps = rights().gaps
    except OperationalError:
        # Whether it answers is told by /healthz; there is nothing to say about it here.
        return []
    return [
        Warning(
            f"The database does not keep the log and the books by rights: {gap}.",
            hint="docs/how-to/use-two-database-roles.md makes a role that may only add to them.",
            id="portal.W001",
        )
        for gap in gaps
    ]

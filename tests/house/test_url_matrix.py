"""Who may open what: every address of the resolver, asked as every persona."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.sessions.backends.cached_db import KEY_PREFIX
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.factories.portal import browser_of
from tests.house.matrix import LOGIN, PERSONAS, Row, Status, World
from tests.house.rows import MODULES


def names(resolver: URLResolver, namespace: str = "") -> Iterator[str]:
    """Names of all addresses below *resolver*; one without a name by its pattern."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name or f'({entry.pattern})'}"
        else:
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from names(entry, inner)


def test_every_address_is_listed() -> None:
    listed = {row.name for module in MODULES.values() for row in module.ROWS}
    assert sorted(set(names(get_resolver())) ^ listed) == []


def ask(row: Row, world: World, client: Client, persona: str) -> Status:
    """The status of one answer; whatever it changed is taken back."""
    url = reverse(row.name, args=row.args(world))
    headers = dict(row.headers)
    if row.with_key:
        headers["Authorization"] = f"Bearer {world.things['keys'].get(persona, 'grk_')}"
    with transaction.atomic():
        if row.is_json:
            response = client.post(url, row.data(world), "application/json")
        else:
            ways: dict[str, Any] = {
                "GET": client.get,
                "POST": client.post,
                "DELETE": client.delete,
            }
            response = ways[row.method](url, row.data(world), headers=headers)
        if response.streaming:
            b"".join(response)
        transaction.set_rollback(True)
    if response.status_code == 302:
        target = urlsplit(response["Location"])
        if (target.path, target.query[:5]) == (reverse("account_login"), "next="):
            return LOGIN
    return response.status_code


def anew(signed_in: Client) -> Client:
    """The same browser as it was when it had just signed in, whatever was asked since."""
    client = Client()
    for name, morsel in signed_in.cookies.items():
        client.cookies[name] = morsel.value
    session = signed_in.cookies.get(settings.SESSION_COOKIE_NAME)
    if session:
        # The database has taken the last request's changes back; the cache has not.
        cache.delete(f"{KEY_PREFIX}{session.value}")
    return client


@pytest.mark.parametrize("persona", PERSONAS)
@pytest.mark.parametrize("module", MODULES.values(), ids=list(MODULES))
def test_who_may(module: ModuleType, persona: str, world: World) -> None:
    if hasattr(module, "prepare"):
        module.prepare(world)
    signed_in = Client() if persona == "stranger" else browser_of(getattr(world, persona))
    wrong = []
    for row in module.ROWS:
        got = ask(row, world, anew(signed_in), persona)
        if got != row.expect[persona]:
            wrong.append(f"{row}: {got}, not {row.expect[persona]}")
    assert not wrong, "\n".join(wrong)


# What staff may open before they have a second factor, beside what strangers may.
WITHOUT_FACTOR = ("account_", "mfa_", "usersessions_", "second_factor", "profile")


@pytest.mark.parametrize(
    ("persona", "module"),
    [("reviewer", MODULES["review"]), *(("admin", module) for module in MODULES.values())],
    ids=["reviewer-review", *(f"admin-{name}" for name in MODULES)],
)
def test_staff_without_a_second_factor(module: ModuleType, persona: str, world: World) -> None:
    if hasattr(module, "prepare"):
        module.prepare(world)
    person = getattr(world, persona)
    Authenticator.objects.filter(user=person).delete()
    signed_in = browser_of(person)
    there = reverse("second_factor")
    wrong = []
    for row in module.ROWS:
        if row.with_key or row.name.startswith(WITHOUT_FACTOR):
            continue
        url = reverse(row.name, args=row.args(world))
        with transaction.atomic():
            way = {"POST": Client.post, "DELETE": Client.delete}.get(row.method, Client.get)
            response = way(anew(signed_in), url, headers=dict(row.headers))
            if response.streaming:
                b"".join(response)
            transaction.set_rollback(True)
        sent = response.get("Location", "") or response.get("HX-Redirect", "")
        if sent.startswith(there) != (row.expect["stranger"] == LOGIN):
            wrong.append(f"{row}: {response.status_code} {sent}")
    assert not wrong, "\n".join(wrong)

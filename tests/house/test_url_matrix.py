"""Who may open what: every address of the resolver, asked as every persona."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.sessions.backends.cached_db import KEY_PREFIX
from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest, HttpResponseNotFound
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from portal.config import urls
from portal.models import AuditEntry, User
from tests.factories.portal import browser_of
from tests.house.matrix import BEFALLEN, LOGIN, PERSONAS, Row, Status, World
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
        holder = "artist" if persona in BEFALLEN else persona
        headers["Authorization"] = f"Bearer {world.things['keys'].get(holder, 'grk_')}"
    with transaction.atomic():
        if row.is_json:
            response = client.post(url, row.data(world), "application/json")
        else:
            way: Any = getattr(client, row.method.lower())
            sent = row.data(world) if row.method in {"GET", "POST", "DELETE"} else {}
            response = way(url, sent, headers=headers)
        if response.streaming:
            b"".join(response)
        transaction.set_rollback(True)
    if response.status_code == 302:
        target = urlsplit(response["Location"])
        if (target.path, target.query[:5]) == (reverse("account_login"), "next="):
            return LOGIN
    return response.status_code


class Browser:
    """Somebody's browser, as it is when they have just signed in.

    The database takes back what each request changes, the cache does not.
    """

    def __init__(self, person: User | None) -> None:
        self._client = Client() if person is None else browser_of(person)
        self._cookies = {name: morsel.value for name, morsel in self._client.cookies.items()}
        # Whatever the first of a browser's requests writes is there from now on.
        assert self._client.get("/no-such-page/").status_code == 404
        session = self._cookies.get(settings.SESSION_COOKIE_NAME)
        self._key = f"{KEY_PREFIX}{session}" if session else ""
        self._session = cache.get(self._key) if session else None

    def anew(self) -> Client:
        """The browser as it was, whatever was asked since."""
        client = Client()
        # To make one reads all middleware.
        client.handler = self._client.handler
        for name, value in self._cookies.items():
            client.cookies[name] = value
        if self._key:
            cache.set(self._key, self._session)
        return client


# One world serves several personas, each of whom leaves it as they found it.
TOGETHER = {
    "artists": ("artist", *BEFALLEN, "other_artist"),
    "others": ("stranger", "reviewer", "lead", "admin", "other_admin", "finance", "operator"),
}


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseNotFound:
    return HttpResponseNotFound()


@contextmanager
def plain_refusals(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A 404 without its page: half of all answers, and the page is the same each time."""
    with monkeypatch.context() as patch:
        patch.setattr(urls, "handler404", not_found, raising=False)
        yield


def test_everyone_has_their_turn() -> None:
    assert sorted(name for together in TOGETHER.values() for name in together) == sorted(PERSONAS)


@pytest.mark.parametrize("personas", TOGETHER.values(), ids=list(TOGETHER))
@pytest.mark.parametrize("module", MODULES.values(), ids=list(MODULES))
def test_who_may(
    module: ModuleType, personas: tuple[str, ...], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    if hasattr(module, "prepare"):
        module.prepare(world)
    wrong = []
    for persona in personas:
        cache.clear()
        with transaction.atomic():
            browser = Browser(None if persona == "stranger" else world.act_as(persona))
            with plain_refusals(monkeypatch):
                for row in module.ROWS:
                    got = ask(row, world, browser.anew(), persona)
                    if got != row.expect[persona]:
                        wrong.append(f"{persona}, {row}: {got}, not {row.expect[persona]}")
            transaction.set_rollback(True)
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
    browser = Browser(person)
    there = reverse("second_factor")
    wrong = []
    for row in module.ROWS:
        if row.with_key or row.name.startswith(WITHOUT_FACTOR):
            continue
        url = reverse(row.name, args=row.args(world))
        with transaction.atomic():
            way = {"POST": Client.post, "DELETE": Client.delete}.get(row.method, Client.get)
            response = way(browser.anew(), url, headers=dict(row.headers))
            if response.streaming:
                b"".join(response)
            transaction.set_rollback(True)
        sent = response.get("Location", "") or response.get("HX-Redirect", "")
        if sent.startswith(there) != (row.expect["stranger"] == LOGIN):
            wrong.append(f"{row}: {response.status_code} {sent}")
    assert not wrong, "\n".join(wrong)


PEOPLE = [name for name in PERSONAS if name not in BEFALLEN]
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# allauth's addresses and the API's schema answer any method as they answer GET.
NOT_OURS = ("account_", "mfa_", "usersessions_", "v1:openapi-json")


@pytest.mark.parametrize("module", MODULES.values(), ids=list(MODULES))
def test_no_other_method(module: ModuleType, world: World) -> None:
    """What an address has no method for it refuses, to whoever may open it, and does nothing."""
    if hasattr(module, "prepare"):
        module.prepare(world)
    browsers = {
        name: Browser(None if name == "stranger" else getattr(world, name)) for name in PEOPLE
    }
    listed = {(row.method, row.name) for known in MODULES.values() for row in known.ROWS}
    wrong = []
    for name in sorted({row.name for row in module.ROWS}):
        rows = [row for row in module.ROWS if row.name == name]
        row, persona = opened_by(rows)
        if persona is None or name.startswith(NOT_OURS):
            continue
        entries = AuditEntry.objects.count()
        for method in METHODS:
            if (method, name) in listed:
                continue
            asked = replace(row, method=method, is_json=False)
            if (got := ask(asked, world, browsers[persona].anew(), persona)) != 405:
                wrong.append(f"{method} {name}: {got}")
        if AuditEntry.objects.count() != entries:
            wrong.append(f"{name} did something")
    assert not wrong, "\n".join(wrong)


def opened_by(rows: list[Row]) -> tuple[Row, str | None]:
    """Of the rows of one address, one that somebody may open, and who."""
    for row in rows:
        for persona in PEOPLE:
            if row.expect[persona] not in {401, 404, LOGIN}:
                return row, persona
    return rows[0], None

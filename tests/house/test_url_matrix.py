"""Who may open what: every address of the resolver, asked as every persona."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from urllib.parse import urlsplit

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from portal.states import Role
from tests.factories.portal import join, make_cohort, make_person
from tests.house import matrix
from tests.house.matrix import LOGIN, PERSONAS, Row, Status, World

MODULES: dict[str, ModuleType] = {
    found.name: importlib.import_module(f"{matrix.__name__}.{found.name}")
    for found in pkgutil.iter_modules(matrix.__path__)
}


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


@pytest.fixture
def world(db: None) -> World:
    admin = make_person("Alba Ferrari", role=Role.ADMIN)
    cohort = make_cohort("Spring residency", actor=admin)
    artist = make_person("Ada Okafor")
    join(artist, cohort)
    other_artist = make_person("Lucien Moreau")
    join(other_artist, make_cohort("Autumn residency", actor=admin))
    return World(
        artist=artist,
        other_artist=other_artist,
        reviewer=make_person("Rosa Lindqvist", role=Role.REVIEWER),
        admin=admin,
        cohort=cohort,
    )


def ask(row: Row, world: World, client: Client) -> Status:
    """The status of one answer; whatever it changed is taken back."""
    url = reverse(row.name, args=row.args(world))
    with transaction.atomic():
        call = client.post if row.method == "POST" else client.get
        response = call(url, row.data(world), headers=dict(row.headers))
        if response.streaming:
            b"".join(response)
        transaction.set_rollback(True)
    if response.status_code == 302:
        target = urlsplit(response["Location"])
        if (target.path, target.query[:5]) == (reverse("account_login"), "next="):
            return LOGIN
    return response.status_code


@pytest.mark.parametrize("persona", PERSONAS)
@pytest.mark.parametrize("module", MODULES.values(), ids=list(MODULES))
def test_who_may(module: ModuleType, persona: str, world: World) -> None:
    if hasattr(module, "prepare"):
        module.prepare(world)
    wrong = []
    for row in module.ROWS:
        client = Client()
        if persona != "stranger":
            client.force_login(getattr(world, persona))
        got = ask(row, world, client)
        if got != row.expect[persona]:
            wrong.append(f"{row}: {got}, not {row.expect[persona]}")
    assert not wrong, "\n".join(wrong)

"""Every page of the site in a real browser: it fits, nothing complains, axe finds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from types import ModuleType

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from tests.browser.axe import COLOURS, EVERYTHING, Axe
from tests.browser.driving import Window, chromium
from tests.house.matrix import BEFALLEN, PERSONAS, World
from tests.house.rows import MODULES

# As they are: what may have befallen the artist is not asked here.
PEOPLE = [name for name in PERSONAS if name not in BEFALLEN]

# The API has no pages.
PAGES = {name: module for name, module in MODULES.items() if name != "api"}


def client_of(world: World, persona: str) -> Client:
    client = Client()
    if persona != "stranger":
        person = getattr(world, persona)
        # French words are the longer ones.
        person.language = "fr"
        person.save(update_fields=["language"])
        client.force_login(person)
    return client


def pages(module: ModuleType, world: World, clients: dict[str, Client]) -> list[tuple[str, str]]:
    """Persona and path of each page of *module*, by the first persona who may open it.

    The page everyone begins at differs for each, so all of them open it.
    """
    found = []
    for row in module.ROWS:
        may = [name for name in PEOPLE if row.expect[name] == 200]
        if row.method != "GET":
            continue
        path = reverse(row.name, args=row.args(world))
        for persona in may if row.name == "home" else may[:1]:
            response = clients[persona].get(path, row.data(world), headers=dict(row.headers))
            if response.streaming:
                b"".join(response)
                continue
            # Data and pieces of a page are not pages.
            is_html = response["Content-Type"].startswith("text/html")
            if is_html and response.content.lstrip()[:9].lower() == b"<!doctype":
                found.append((persona, response.wsgi_request.get_full_path()))
    return sorted(set(found))


def enter(page: Page, client: Client, url: str) -> None:
    """Give *page* the session of *client* and nobody else's; what it has fetched already stays."""
    page.context.clear_cookies()
    name = settings.SESSION_COOKIE_NAME
    if name in client.cookies:
        value = client.cookies[name].value
        page.context.add_cookies([{"name": name, "value": value, "url": url}])


def faults(page: Page, path: str) -> list[str]:
    """What is wrong with the page, at 390 and 1440 pixels, light and dark."""
    wrong = []
    page.emulate_media(color_scheme="light")
    answer = page.goto(path, wait_until="load")
    assert answer is not None
    if answer.status != 200:
        return [f"answers {answer.status}"]
    # An invitation speaks the language it was written in.
    written = "en" if path.startswith("/invite/") else "fr"
    if page.evaluate("document.documentElement.lang") != written:
        wrong.append("speaks the wrong language")
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            wrong.append(f"is {wide} wide at {width}")
    axe = Axe(page)
    wrong += axe.violations(EVERYTHING)
    page.emulate_media(color_scheme="dark")
    wrong += [f"dark: {line}" for line in axe.violations(COLOURS)]
    return wrong


@pytest.fixture(scope="module")
def window(live_server: LiveServer) -> Iterator[Window]:
    """One for all pages: each new one would fetch every style sheet and letter again."""
    with pytest.MonkeyPatch.context() as patch, chromium(live_server.url) as browser:
        # Playwright keeps a loop in this thread, which only waits while the tests ask the database.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser.window(dark=False, language="fr")
        yield browser.windows[0]


@pytest.mark.browser
@pytest.mark.timeout(600)
@pytest.mark.parametrize("module", PAGES.values(), ids=list(PAGES))
def test_nothing_stands_in_anyones_way(
    module: ModuleType, live_server: LiveServer, window: Window, world: World
) -> None:
    if hasattr(module, "prepare"):
        module.prepare(world)
    clients = {persona: client_of(world, persona) for persona in PEOPLE}
    listed = pages(module, world, clients)
    assert listed
    wrong: list[str] = []
    for persona, visits in groupby(listed, key=itemgetter(0)):
        enter(window.page, clients[persona], live_server.url)
        for _persona, path in visits:
            found = [*faults(window.page, path), *window.complaints]
            window.complaints.clear()
            wrong += [f"{path} ({persona}): {line}" for line in found]
    # The next test empties the database, so nothing may still be asking.
    window.page.goto("about:blank")
    assert not wrong, "\n".join(wrong)

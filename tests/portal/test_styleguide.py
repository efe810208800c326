"""The style guide shows every component; the player counts frames exactly."""

from __future__ import annotations

import re
from collections.abc import Iterator
from socketserver import ThreadingMixIn
from threading import Thread
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.contrib.staticfiles.finders import get_finders
from django.core.wsgi import get_wsgi_application
from django.http import Http404
from django.test import Client, RequestFactory
from django.urls import reverse
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django import Settings
from whitenoise import WhiteNoise

from portal.config.env import BASE_DIR
from portal.views.styleguide import FRAMES, styleguide
from tests.browser.axe import EVERYTHING, Axe
from tests.chromium import executable

COMPONENTS = BASE_DIR / "templates" / "components"
# The sample clip carries its frame number in binary: bright blocks along its lower edge.
READ_FRAME = """() => {
  const video = document.querySelector("#sample-player video");
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  const ink = canvas.getContext("2d");
  ink.drawImage(video, 0, 0);
  let frame = 0;
  for (let bit = 0; bit < 6; bit += 1) {
    const [red] = ink.getImageData(bit * 16 + 8, canvas.height - 3, 1, 1).data;
    if (red > 42) frame += 2 ** bit;
  }
  return frame;
}"""
SETTLED = """() => {
  const { player, dataset } = document.getElementById("sample-player");
  return dataset.state === "paused" && player.wanted === null && !player.video.seeking;
}"""


def test_it_is_shown_to_tests(client: Client, db: None) -> None:
    assert client.get(reverse("styleguide")).status_code == 200


def test_it_is_not_shown_in_production(rf: RequestFactory, settings: Settings) -> None:
    settings.DEMO = settings.TESTING = False
    with pytest.raises(Http404):
        styleguide(rf.get("/styleguide/"))


def test_every_component_says_what_it_takes() -> None:
    silent = [
        path.name
        for path in sorted(COMPONENTS.glob("*.html"))
        if not re.match(r"{% comment %}\n.+?{% endcomment %}\n<c-vars ", path.read_text(), re.S)
    ]
    assert silent == []


def test_every_component_is_shown() -> None:
    shown = "".join(path.read_text() for path in (BASE_DIR / "templates").rglob("*.html"))
    unused = [
        path.stem
        for path in sorted(COMPONENTS.glob("*.html"))
        if not re.search(rf"<c-{path.stem.replace('_', '-')}[\s/>]", shown)
    ]
    assert unused == []


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """A test's requests are nobody's news."""


class _Threaded(ThreadingMixIn, WSGIServer):
    daemon_threads = True


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The site behind WhiteNoise, which answers range requests as in production; no database."""
    application = WhiteNoise(get_wsgi_application())
    for finder in get_finders():
        for path, storage in finder.list([]):
            application.add_file_to_dictionary(f"/static/{path}", storage.path(path))
    with make_server(
        "127.0.0.1", 0, application, server_class=_Threaded, handler_class=_Quiet
    ) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


# A busy machine may take long over a page; how long is not what is tested here.
PATIENCE = 180_000


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable(), args=["--no-sandbox", "--headless=new"]
        )
        yield browser
        browser.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the browser's console had to say against a page."""
    return []


@pytest.fixture(params=["dark", "light"])
def page(
    request: pytest.FixtureRequest, chromium: Browser, complaints: list[str]
) -> Iterator[Page]:
    context = chromium.new_context(color_scheme=request.param, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    opened = context.new_page()
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on(
        "console",
        lambda message: complaints.append(message.text) if message.type == "error" else None,
    )
    yield opened
    context.close()


@pytest.mark.browser
@pytest.mark.parametrize("path", ["/styleguide/", "/accounts/login/"])
def test_nothing_stands_in_anyones_way(
    site: str, page: Page, complaints: list[str], path: str
) -> None:
    page.goto(site + path, wait_until="load")
    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") == width
    assert complaints == []
    assert Axe(page).violations(EVERYTHING) == []


@pytest.mark.browser
def test_the_player_shows_the_frame_it_names(site: str, chromium: Browser) -> None:
    page = chromium.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{site}/styleguide/", wait_until="domcontentloaded")
    page.wait_for_function(
        "() => document.getElementById('sample-player').player?.video.readyState >= 2"
    )
    number = page.locator("#sample-player [data-player-now]")
    steps = [("ArrowRight", 1), (".", 2), ("ArrowLeft", 1), ("Shift+ArrowRight", 17)]
    steps += [("End", FRAMES - 1), ("ArrowRight", FRAMES - 1), (",", FRAMES - 2), ("Home", 0)]
    for key, frame in steps:
        page.keyboard.press(key)
        page.wait_for_function(SETTLED)
        assert number.text_content() == str(frame + 1)
        assert page.evaluate(READ_FRAME) == frame
    page.get_by_role("button", name="Frame 41").click()
    page.wait_for_function(SETTLED)
    assert page.evaluate(READ_FRAME) == 40
    assert page.locator("[data-player-frame]").input_value() == "40"
    page.keyboard.press("k")
    page.wait_for_function("() => document.getElementById('sample-player').player.frame < 40")
    page.keyboard.press("k")
    page.wait_for_function(SETTLED)
    assert page.evaluate(READ_FRAME) == int(number.text_content() or "") - 1
    page.close()


@pytest.mark.browser
def test_a_remembered_theme_is_there_before_the_page(site: str, chromium: Browser) -> None:
    context = chromium.new_context(color_scheme="dark")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(f"{site}/styleguide/", wait_until="domcontentloaded")
    page.get_by_role("button", name="Light", exact=True).click()
    page.reload(wait_until="domcontentloaded")
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    context.close()

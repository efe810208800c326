"""The cards of an open page follow their clips, whatever else happens on the page."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from generation.models import Clip
from generation.states import ClipState
from portal.models import Cohort, User
from tests.browser.driving import chromium
from tests.factories.generation import make_clip


def change(do: Callable[[], object]) -> None:
    """On a thread of its own: Playwright's event loop lives in this one."""

    def run() -> None:
        try:
            do()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(run).result()


@pytest.mark.browser
@pytest.mark.usefixtures("tiny_catalogue")
def test_a_clip_that_ends_while_another_is_asked_for_is_not_forgotten(
    live_server: LiveServer, ada: User, cohort: Cohort
) -> None:
    first = make_clip(artist=ada, cohort=cohort, state=ClipState.RENDERING)
    going = make_clip(artist=ada, cohort=cohort)
    client = Client()
    client.force_login(ada)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    with chromium(live_server.url) as browser:
        page = browser.window()
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}
        page.context.add_cookies([cookie])  # type: ignore[list-item]
        # Answered once nothing is in their way.
        page.route("**/studio/progress/**", lambda route: None)
        page.goto("/studio/")
        page.locator("#id_prompt").fill("a yellow balloon")
        # The page has not heard yet that the first clip ended.
        change(
            lambda: Clip.objects.filter(pk=first.pk).update(
                state=ClipState.FAILED, error_code="render_failed"
            )
        )
        page.get_by_role("button", name="Generate", exact=True).click()
        cards = page.locator(".clip-card")
        expect(cards).to_have_count(3)
        page.unroute("**/studio/progress/**")

        expect(page.locator(f"#clip-{first.pk}")).to_have_attribute("data-state", "failed")
        expect(page.locator("[data-live]")).to_have_count(2)

        change(Clip.objects.filter(pk=going.pk).delete)
        expect(cards).to_have_count(2)
        expect(page.locator("#live-lost")).to_be_empty()
        assert browser.complaints() == []

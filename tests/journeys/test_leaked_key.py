"""A guest of a whole table of guests makes a key, loses it, sees why, and has it again."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from bench.leak_drill.people import ARTISTS_AT, PAGE, STRANGERS_AT, Answer, Door, ask, network
from tests.browser import story
from tests.browser.driving import Chromium, chromium
from tests.stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.browser]

EMAIL = "sol@demo.example"
PASSWORD = "a-long-enough-pass-phrase"
TABLE = f"""email,name,language,note
{EMAIL},Sol Ibarra,en,Your film on the harbour: please come.
iris@demo.example,Iris Roy,fr,
nobody at home,Nobody,en,
"""


def _signed_in(browser: Chromium, person: dict[str, str]) -> Page:
    page = browser.window()
    story.sign_in(page, person["email"], person["password"])
    return page


@pytest.mark.timeout(600)
def test_from_a_table_of_guests_to_a_key_that_works_again(stack: Stack) -> None:
    stack.wait_for_line("Greenroom is ready")
    where = urlsplit(stack.url)
    door = Door(host="127.0.0.1", port=where.port or 80)
    with chromium(stack.url) as browser:
        alba = _signed_in(browser, stack.people["admin"][0])
        slug = story.make_cohort(alba, "Winter lab")
        story.invite_many(alba, slug, TABLE, sends=2)

        sol = browser.window()
        story.accept_invitation(sol, story.invitation_link(alba, EMAIL), PASSWORD)
        story.sign_agreement(sol, "Sol Ibarra")
        key = story.make_key(sol, "Night script")

        def from_home() -> Answer:
            return ask(door, key, address=network(ARTISTS_AT, 200))

        assert from_home().status == 200
        strangers = [
            ask(door, key, address=network(STRANGERS_AT, number), page=PAGE) for number in range(12)
        ]
        codes = [answer.code for answer in strangers]
        assert codes[0] == ""
        assert set(codes[6:]) == {"key_frozen"}
        assert from_home().code == "key_frozen"

        sol.goto("/keys/")
        expect(sol.locator("tr", has_text="Night script").get_by_text("Frozen")).to_be_visible()
        sol.locator("tr", has_text="Night script").locator("a[href$='/frozen/']").first.click()
        expect(sol.get_by_text("“Night script” is frozen").first).to_be_visible()
        expect(sol.get_by_text("free-clips.example").first).to_be_visible()
        expect(
            sol.get_by_text(re.compile(rf"127\.{STRANGERS_AT}\.\d+\.0/24")).first
        ).to_be_visible()

        alba.goto("/programme/leaks/")
        alba.locator("tr", has_text="Sol Ibarra").get_by_role("link", name="Evidence").click()
        expect(alba.get_by_text("free-clips.example").first).to_be_visible()
        alba.get_by_role("button", name="Release").click()
        expect(alba.get_by_text("The key works again. Its owner has been told.")).to_be_visible()

        assert from_home().status == 200
        sol.goto("/keys/")
        expect(sol.locator("tr", has_text="Night script").get_by_text("Active")).to_be_visible()
        assert browser.complaints() == []

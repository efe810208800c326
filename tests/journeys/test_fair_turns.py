"""Nobody's hundred clips stand before another's one; and each page says why its clips wait."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Page, expect

from portal.config.env import read_env_file
from tests.browser import story
from tests.browser.driving import chromium
from tests.stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.browser]

HUNDRED = 100


def raise_limit(page: Page, slug: str, clips: int) -> None:
    page.goto(f"/programme/cohorts/{slug}/edit/")
    page.locator("#id_clips_waiting_per_artist").fill(str(clips))
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(f"**/programme/cohorts/{slug}/")


def press_generate(page: Page, prompt: str, *, times: int) -> list[int]:
    """Send the composer's form with four takes as often as that; answers the statuses."""
    page.goto("/studio/")
    page.locator("#id_prompt").fill(prompt)
    statuses: list[int] = page.evaluate(
        """async (times) => {
            const form = document.getElementById("composer");
            const statuses = [];
            for (let time = 0; time < times; time += 1) {
                const data = new FormData(form);
                data.set("takes", "4");
                data.set("request_id", crypto.randomUUID());
                const answer = await fetch(form.action, { method: "POST", body: data });
                statuses.push(answer.status);
            }
            return statuses;
        }""",
        times,
    )
    return statuses


def cancel_all(page: Page, clip_ids: list[str]) -> None:
    page.evaluate(
        """async (ids) => {
            const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
            const cancel = (id) => fetch(`/studio/clips/${id}/cancel/`, {
                method: "POST",
                headers: { "X-CSRFToken": token, "HX-Request": "true" },
            });
            while (ids.length) await Promise.all(ids.splice(0, 8).map(cancel));
        }""",
        clip_ids,
    )


class Books:
    """What the database has on clips and claims; a claim's id says when it came."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        return self._connection.execute(query, values).fetchall()

    def claims_of(self, email: str) -> list[int]:
        found = self.ask(
            "select a.id from generation_attempt a join generation_clip c on c.id = a.clip_id "
            "join portal_user u on u.id = c.artist_id where u.email = %s order by a.id",
            email,
        )
        return [row[0] for row in found]

    def wait_for_claims(self, email: str, count: int) -> list[int]:
        deadline = time.monotonic() + 180
        while len(claims := self.claims_of(email)) < count:
            assert time.monotonic() < deadline, f"{len(claims)} claims for {email}, not {count}"
            time.sleep(0.1)
        return claims

    def waiting_of(self, email: str) -> list[str]:
        """Ids of the clips that wait, in the order in which their artist has them."""
        found = self.ask(
            "select c.id from generation_clip c join portal_user u on u.id = c.artist_id "
            "where u.email = %s and c.state = 'queued' "
            "order by c.priority desc, c.queued_at, c.id",
            email,
        )
        return [str(row[0]) for row in found]


@pytest.fixture
def books(stack: Stack) -> Iterator[Books]:
    url = read_env_file(stack.var / "greenroom.env")["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as connection:
        yield Books(connection)


@pytest.mark.timeout(600)
def test_one_clip_waits_only_for_those_that_render_already(stack: Stack, books: Books) -> None:
    one, many = (person["email"] for person in stack.people["artist"][:2])
    had = len(books.claims_of(many))
    with chromium(stack.url) as browser:
        alba, lucien, ada = browser.window(), browser.window(), browser.window()
        for page, role, number in ((alba, "admin", 0), (lucien, "artist", 1), (ada, "artist", 0)):
            person = stack.people[role][number]
            story.sign_in(page, person["email"], person["password"])
        raise_limit(alba, "spring-residency", HUNDRED + 20)

        assert press_generate(lucien, "a red boat on the sea", times=HUNDRED // 4) == [200] * 25
        # His second claim: by then he has had his share of the time, and she none of it.
        books.wait_for_claims(many, had + 2)
        story.generate(ada, "a blue balloon over the mountains")
        begun = books.claims_of(many)
        [(clip_id,)] = books.ask(
            "select c.id from generation_clip c join portal_user u on u.id = c.artist_id "
            "where u.email = %s order by c.created_at desc limit 1",
            one,
        )
        last_of_his = books.waiting_of(many)[-1]
        told = lucien.request.get("/studio/progress/", params={"watch": last_of_his}).json()
        [his] = told["clips"]
        assert his["queue"]["own"] >= HUNDRED // 2
        assert "queue" in his["queue"]["reasons"]

        # She is told of a lost connection, and her page goes on by itself when it is back.
        ada.context.set_offline(True)
        expect(ada.locator("#live-lost")).to_contain_text("The connection is lost")
        ada.context.set_offline(False)
        expect(ada.locator("#live-lost")).to_be_empty()
        expect(ada.locator(f"#clip-{clip_id}")).to_have_attribute(
            "data-state", "ready", timeout=story.RENDER_MS
        )

        [(hers,)] = books.ask("select id from generation_attempt where clip_id = %s", clip_id)
        his_claims = books.wait_for_claims(many, len(begun) + 1)
        assert [claim for claim in his_claims if begun[-1] < claim < hers] == []
        # And hers costs him no more than its own time: the very next claim is his again.
        [(after_hers,)] = books.ask("select min(id) from generation_attempt where id > %s", hers)
        assert after_hers in his_claims

        cancel_all(lucien, books.waiting_of(many))
        assert books.waiting_of(many) == []
        assert browser.complaints() == []

"""A GPU worker that is killed in the middle of a render costs time, never a clip."""

from __future__ import annotations

import os
import signal

import psycopg
import pytest
from playwright.sync_api import expect

from portal.config.env import read_env_file
from tests.browser import story
from tests.browser.driving import chromium
from tests.stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.browser]


def attempts_of(stack: Stack, clip_id: str) -> list[tuple[int, str, bool]]:
    """Number, state and whether it was charged of every try, as the database has them."""
    url = read_env_file(stack.var / "greenroom.env")["DATABASE_URL"]
    with psycopg.connect(url) as connection:
        return connection.execute(
            "select number, state, charged_seconds > 0 from generation_attempt "
            "where clip_id = %s order by number",
            [clip_id],
        ).fetchall()


@pytest.mark.timeout(600)
def test_a_clip_whose_worker_is_killed_is_finished_once_by_the_next(stack: Stack) -> None:
    with chromium(stack.url) as browser:
        ada = browser.window()
        person = stack.people["artist"][0]
        story.sign_in(ada, person["email"], person["password"])
        story.generate(ada, "a blue balloon over the mountains", takes=1)
        newest = ada.locator(".clip-card").first
        clip_id = (newest.get_attribute("id") or "").removeprefix("clip-")
        card = ada.locator(f"#clip-{clip_id}")
        expect(card).to_have_attribute("data-state", "rendering", timeout=story.RENDER_MS)

        [worker] = stack.find("-Q gpu")
        os.kill(worker, signal.SIGKILL)

        expect(card).to_have_attribute("data-state", "ready", timeout=story.RENDER_MS)
        assert stack.find("-Q gpu") != [worker]
        assert attempts_of(stack, clip_id) == [(1, "lost", False), (2, "finished", True)]
        ada.goto(f"/studio/clips/{clip_id}/")
        assert story.plays(ada, "[data-player] video")
        assert browser.complaints() == []

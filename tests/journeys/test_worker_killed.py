"""A GPU worker that is killed in the middle of a render costs time, never a clip."""

from __future__ import annotations

import os
import signal
import time

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


def running_clip(stack: Stack) -> str:
    """The clip that has just come onto the worker."""
    url = read_env_file(stack.var / "greenroom.env")["DATABASE_URL"]
    deadline = time.monotonic() + 60
    with psycopg.connect(url, autocommit=True) as connection:
        while time.monotonic() < deadline:
            row = connection.execute(
                "select clip_id from generation_attempt "
                "where state = 'running' and clock_timestamp() - started_at < '0.2 s'"
            ).fetchone()
            if row is not None:
                return str(row[0])
            time.sleep(0.02)
    pytest.fail("no clip came onto the worker")


@pytest.mark.timeout(600)
def test_a_clip_whose_worker_is_killed_is_finished_once_by_the_next(stack: Stack) -> None:
    with chromium(stack.url) as browser:
        ada = browser.window()
        person = stack.people["artist"][0]
        story.sign_in(ada, person["email"], person["password"])
        # Four takes, so that one is on the worker whenever we look.
        story.generate(ada, "a blue balloon over the mountains", takes=4)
        clip_id = running_clip(stack)
        card = ada.locator(f"#clip-{clip_id}")

        [worker] = stack.find("-Q gpu")
        os.kill(worker, signal.SIGKILL)

        expect(card).to_have_attribute("data-state", "ready", timeout=story.RENDER_MS)
        assert stack.find("-Q gpu") != [worker]
        assert attempts_of(stack, clip_id) == [(1, "lost", False), (2, "finished", True)]
        ada.goto(f"/studio/clips/{clip_id}/")
        assert story.plays(ada, "[data-player] video")
        assert browser.complaints() == []

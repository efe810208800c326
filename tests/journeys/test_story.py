"""The whole story in a real browser on the real stack: invitation to paid clip."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import story
from tests.browser.driving import Chromium, chromium
from tests.factories.credentials import read_apart
from tests.stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.browser]

EMAIL = "noor@demo.example"
PASSWORD = "a-long-enough-pass-phrase"
PROMPT = "a red boat moving right on the sea at sunset"


def _media(page: Page, clip_id: str, variant: str) -> int:
    return page.request.get(f"/media/clips/{clip_id}/{variant}", max_redirects=0).status


def _as(browser: Chromium, stack: Stack, role: str, number: int = 0) -> Page:
    page = browser.window()
    person = stack.people[role][number]
    story.sign_in(page, person["email"], person["password"])
    return page


@pytest.mark.timeout(600)
def test_from_an_invitation_to_a_shared_and_paid_clip(stack: Stack, tmp_path: Path) -> None:
    with chromium(stack.url) as browser:
        alba = _as(browser, stack, "admin", 0)
        slug = story.make_cohort(alba, "Autumn lab")
        story.set_rate(alba, slug, "brief_clip", "40.00")
        story.set_rate(alba, slug, "feedback", "25.00")
        story.write_brief(alba, slug, "The way home", "A place you come back to.")
        story.invite(alba, slug, EMAIL, "Noor Haddad")
        link = story.invitation_link(alba, EMAIL)

        noor = browser.window()
        story.accept_invitation(noor, link, PASSWORD)
        story.sign_agreement(noor, "Noor Haddad")
        used = browser.window()
        used.goto(link)
        expect(used.get_by_text("already been used")).to_be_visible()

        story.generate(noor, PROMPT, takes=2, brief="The way home", seed="7")
        clip_id, other_id = story.wait_until_ready(noor, 2)
        noor.goto(f"/studio/clips/{clip_id}/")
        assert story.plays(noor, "[data-player] video")
        assert _media(noor, clip_id, "preview") == 200
        assert _media(noor, clip_id, "master") == 404

        ada = _as(browser, stack, "artist", 0)
        public = browser.window()
        rosa = _as(browser, stack, "reviewer", 0)
        assert [_media(ada, clip_id, kind) for kind in ("preview", "poster", "master")] == [404] * 3
        assert _media(rosa, clip_id, "original") == 404
        assert _media(public, clip_id, "preview") == 404

        story.submit(noor, clip_id, "The one I mean.")
        expect(noor.get_by_text(re.compile("ecided by", re.I)).first).to_be_visible()

        desk = story.open_review(rosa, PROMPT[:20])
        expect(rosa.get_by_text("The one I mean.").first).to_be_visible()
        assert story.plays(rosa, "[data-player] video")
        remy = _as(browser, stack, "reviewer", 1)
        remy.goto(desk)
        expect(remy.get_by_text("Rosa Lindqvist").first).to_be_visible()
        rosa.keyboard.press("a")
        rosa.wait_for_url(re.compile(r"/review/$|/review/\?|/review/\d+/"))
        expect(rosa.get_by_role("status").first).to_be_visible()
        remy.goto(desk)
        expect(remy.get_by_role("button", name=re.compile("^Approve"))).to_have_count(0)

        noor.goto(f"/studio/clips/{clip_id}/review/")
        expect(noor.get_by_role("link", name="Download master")).to_be_visible(timeout=60_000)
        master = noor.request.get(f"/media/clips/{clip_id}/master")
        assert master.status == 200
        signed = tmp_path / "master.mp4"
        signed.write_bytes(master.body())
        [(state, credential)] = read_apart(signed, root=stack.var / "provenance" / "root.pem")
        assert state == "Trusted"
        rosa.goto(desk)
        on_record = rosa.locator(".desk-hash").get_attribute("title")
        assert f'"of_sha256": "{on_record}"' in json.dumps(credential)
        address = story.share(noor, clip_id, "Homeward")
        public.goto(address)
        expect(public.get_by_role("heading", name="Homeward")).to_be_visible()
        expect(public.get_by_text("Noor Haddad").first).to_be_visible()
        assert story.plays(public, "[data-player] video")
        shared_bytes = public.locator("[data-player] video").first.evaluate("v => v.currentSrc")
        assert public.request.get(shared_bytes).status == 200
        noor.goto(f"/studio/clips/{clip_id}/sharing/")
        noor.locator(".link-row").get_by_role("button", name="Close").click()
        story.confirm(noor)
        expect(noor.get_by_text("No open link")).to_be_visible()
        assert public.request.get(shared_bytes).status == 404
        assert public.goto(address).status in (404, 410)  # type: ignore[union-attr]

        story.file_feedback(
            noor,
            tried="Boats at sunset, twice.",
            happened="The mast bends when the boat turns.",
            change="Keep straight things straight. I do not like the pay either.",
        )
        noor.goto("/earnings/")
        expect(noor.get_by_text("€65.00").first).to_be_visible()
        assert _media(noor, other_id, "master") == 404

        alba.goto("/programme/payouts/")
        alba.locator("tr", has_text="Autumn lab").get_by_role("link", name="Draft a payout").click()
        expect(alba.get_by_text("€65.00").first).to_be_visible()
        alba.get_by_role("button", name="Draft this payout").click()
        alba.wait_for_url(re.compile(r"/programme/payouts/\d+/$"))
        payout = alba.url
        expect(alba.get_by_role("button", name="Approve")).to_have_count(0)
        anselm = _as(browser, stack, "admin", 1)
        anselm.goto(payout)
        anselm.get_by_role("button", name="Approve").click()
        anselm.get_by_role("button", name="Write the file").click()
        expect(anselm.get_by_role("link", name=re.compile("Download, 1 transfer"))).to_be_visible()
        export = anselm.request.get(f"{payout}file/").text()
        assert "65.00" in export
        expect(anselm.get_by_role("button", name="Mark as sent")).to_have_count(0)
        alba.goto(payout)
        alba.get_by_role("button", name="Mark as sent").click()
        story.confirm(alba)
        expect(alba.get_by_role("button", name="Mark as sent")).to_have_count(0)

        noor.goto("/earnings/")
        noor.locator("a[href*='/earnings/payouts/']").first.click()
        expect(noor.get_by_text("€65.00").first).to_be_visible()
        alba.goto("/programme/log/")
        expect(alba.locator("main table").get_by_text("Noor Haddad").first).to_be_visible()
        assert browser.complaints() == []

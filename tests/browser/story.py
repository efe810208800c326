"""The steps of the product's story, each done as a person does it."""

from __future__ import annotations

import re
from datetime import date, timedelta

from playwright.sync_api import Page, expect

RENDER_MS = 180_000


def sign_in(page: Page, email: str, password: str) -> None:
    page.goto("/accounts/login/")
    page.locator("#id_login").fill(email)
    page.locator("#id_password").fill(password)
    page.locator("form:has(#id_password) button[type=submit]").click()
    page.wait_for_url(re.compile(r"/(home|studio|agreement)/"))


def enter_as(page: Page, email: str) -> None:
    """The demo's one-click sign-in."""
    page.goto("/accounts/login/")
    page.locator(f"form:has(input[value='{email}']) button").click()
    page.wait_for_url("**/home/")


def make_cohort(page: Page, name: str) -> str:
    """An admin makes a cohort from today on; answers its slug."""
    page.goto("/programme/cohorts/new/")
    page.locator("#id_name").fill(name)
    page.locator("#id_starts_on").fill(date.today().isoformat())
    page.locator("#id_ends_on").fill((date.today() + timedelta(days=90)).isoformat())
    page.locator("#id_seats").fill("12")
    agreement = page.locator("#id_agreement option").last.get_attribute("value")
    page.locator("#id_agreement").select_option(agreement)
    models = page.locator("input[name=models_on_offer]")
    if not models.first.is_checked():
        models.first.check()
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(re.compile(r"/programme/cohorts/(?!new)[\w-]+/$"))
    return page.url.rstrip("/").rsplit("/", 1)[-1]


def set_rate(page: Page, slug: str, kind: str, amount: str) -> None:
    page.goto(f"/programme/cohorts/{slug}/rates/")
    page.locator("#id_kind").select_option(kind)
    page.locator("#id_amount").fill(amount)
    page.get_by_role("button", name="Set the rate").click()
    expect(page.locator(".rate-amount", has_text=amount)).to_be_visible()


def write_brief(page: Page, slug: str, title: str, text: str) -> None:
    page.goto(f"/programme/cohorts/{slug}/briefs/new/")
    page.locator("#id_title").fill(title)
    page.locator("#id_text").fill(text)
    page.locator("#id_due_on").fill((date.today() + timedelta(days=30)).isoformat())
    page.locator("#id_takes_wanted").fill("1")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(f"**/programme/cohorts/{slug}/**")


def invite(page: Page, slug: str, email: str, name: str) -> None:
    page.goto(f"/programme/cohorts/{slug}/invite/")
    page.locator("#id_email").fill(email)
    page.locator("#id_name").fill(name)
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.locator("#invitations").get_by_text(email)).to_be_visible()


def invite_many(page: Page, slug: str, table: str, *, sends: int) -> None:
    """An admin brings a CSV *table*, sees that it sends *sends* invitations, and sends them."""
    page.goto(f"/programme/cohorts/{slug}/invite/table/")
    content = {"name": "guests.csv", "mimeType": "text/csv", "buffer": table.encode()}
    page.locator("#id_file").set_input_files(content)  # type: ignore[arg-type]
    page.get_by_role("button", name="Read it").click()
    page.get_by_role("button", name=f"Send {sends} invitations").click()
    confirm(page)
    expect(page.get_by_text(f"{sends} of {sends}", exact=True)).to_be_visible(timeout=30_000)


def make_key(page: Page, name: str) -> str:
    """An artist makes an access key with what the form suggests; answers it."""
    page.goto("/keys/new/")
    page.locator("#id_name").fill(name)
    page.get_by_role("button", name="Make the key").click()
    return page.locator("#new-key").input_value()


def invitation_link(page: Page, email: str) -> str:
    """The link in the newest mail to *email*, found in the demo's outbox."""
    row = page.locator("tr", has_text=email).first
    for _ in range(40):
        page.goto("/demo/outbox/")
        if row.count():
            break
        page.wait_for_timeout(500)
    row.get_by_role("link").first.click()
    link = page.locator(
        "#mail-text a[href*='/invite/']:not([href*='/decline/'])"
    ).first.get_attribute("href")
    assert link is not None
    return link


def accept_invitation(page: Page, link: str, password: str) -> None:
    page.goto(link)
    page.locator("#id_password").fill(password)
    page.get_by_role("button", name="Accept with this password").click()
    page.wait_for_url("**/agreement/**")


def sign_agreement(page: Page, name: str) -> None:
    page.locator("#id_has_read").check()
    page.locator("#id_name_typed").fill(name)
    page.get_by_role("button", name="Sign the agreement").click()
    page.wait_for_url("**/studio/**")


def generate(page: Page, prompt: str, *, takes: int = 1, brief: str = "", seed: str = "") -> None:
    page.goto("/studio/")
    page.locator("#id_prompt").fill(prompt)
    if seed:
        page.locator("#id_seed").fill(seed)
    page.locator(f"input[name=takes][value='{takes}'], select[name=takes]").first.check()
    if brief:
        page.locator("#id_brief").select_option(label=brief)
    before = page.locator(".clip-card").count()
    page.get_by_role("button", name="Generate", exact=True).click()
    expect(page.locator(".clip-card")).to_have_count(before + takes)


def wait_until_ready(page: Page, count: int) -> list[str]:
    """Ids of the *count* newest clips once all of them play."""
    ready = page.locator(".clip-card[data-state=ready]")
    expect(ready).to_have_count(count, timeout=RENDER_MS)
    return [card.get_attribute("id").removeprefix("clip-") for card in ready.all()]  # type: ignore[union-attr]


def plays(page: Page, selector: str = "video") -> bool:
    """Whether the first video of the page has decoded a picture and moves on."""
    return bool(
        page.evaluate(
            """async (selector) => {
                const video = document.querySelector(selector);
                if (!video) return false;
                video.muted = true;
                await video.play();
                const deadline = Date.now() + 20000;
                while (Date.now() < deadline) {
                    if (video.videoWidth > 0 && video.currentTime > 0) return true;
                    await new Promise((resolve) => setTimeout(resolve, 50));
                }
                return false;
            }""",
            selector,
        )
    )


def submit(page: Page, clip_id: str, note: str) -> None:
    page.goto(f"/studio/clips/{clip_id}/submit/")
    page.locator("#id_note").fill(note)
    page.get_by_role("button", name="Submit", exact=True).click()
    page.wait_for_url(re.compile(r"/studio/clips/[\w-]+/(review/)?$|/studio/$"))


def open_review(page: Page, label: str) -> str:
    """A reviewer opens the clip *label* from the queue; answers the desk's address."""
    page.goto("/review/")
    page.locator(".queue-title", has_text=label).first.click()
    page.wait_for_url(re.compile(r"/review/\d+/"))
    return page.url


def share(page: Page, clip_id: str, title: str) -> str:
    """Make a share link; answers its public address."""
    page.goto(f"/studio/clips/{clip_id}/sharing/")
    page.locator("#id_title").fill(title)
    page.get_by_role("button", name="Make the link").click()
    href = page.locator(".link-row .link-title a").first.get_attribute("href")
    assert href is not None
    return href


def confirm(page: Page) -> None:
    """Say yes in the dialog that is open."""
    page.locator("dialog[open] button[type=submit], dialog[open] [data-confirm-yes]").first.click()


def file_feedback(page: Page, *, tried: str, happened: str, change: str) -> None:
    page.goto("/work/feedback/new/")
    page.locator("#id_tried").fill(tried)
    page.locator("#id_happened").fill(happened)
    page.locator("#id_change").fill(change)
    page.get_by_role("button", name="File it").click()
    page.wait_for_url(re.compile(r"/work/feedback/(\d+/)?$"))

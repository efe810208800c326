"""Take the screenshots in ``docs/pictures`` from a fresh demo: ``make pictures``.

Plays the story so far that every page has something to show, then photographs each page at
1440 and 390 pixels, dark and light, in English and French.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

from portal.config.env import BASE_DIR
from tests.browser import story
from tests.browser.driving import Chromium, chromium
from tests.stack import Stack, folder, running

OUT = BASE_DIR / "docs" / "pictures"
PROMPTS = (
    "a red boat moving right on the sea at sunset",
    "a yellow balloon moving up over the mountains by day",
    "a white bird moving left over the forest at night",
    "a blue rocket moving up in the desert by day",
)


@dataclass(frozen=True)
class Shot:
    """One page as one person sees it."""

    name: str
    role: str
    path: str


def played(stack: Stack, browser: Chromium) -> list[Shot]:
    """Play the story; answers the pages worth a picture."""
    ada = browser.window()
    _enter(ada, stack, "artist")
    for prompt in PROMPTS:
        story.generate(ada, prompt, seed="11")
    # The newest stands first.
    last, third, second, first = story.wait_until_ready(ada, len(PROMPTS))
    for clip_id, note in ((first, "For the brief."), (second, ""), (third, "My favourite.")):
        story.submit(ada, clip_id, note)
    rosa = browser.window()
    _enter(rosa, stack, "reviewer")
    desk = story.open_review(rosa, PROMPTS[0][:20])
    rosa.keyboard.press("a")
    rosa.wait_for_timeout(2000)
    address = story.share(ada, first, "Homeward")
    story.file_feedback(
        ada,
        tried="Boats at sunset, with four seeds.",
        happened="The light is right each time; the mast sometimes bends.",
        change="Keep straight things straight.",
    )
    rosa.goto("/review/")
    waiting = rosa.locator(".queue-title").first.get_attribute("href") or desk
    return [
        Shot("landing", "", "/"),
        Shot("sign-in", "", "/accounts/login/"),
        Shot("home", "artist", "/home/"),
        Shot("studio", "artist", "/studio/"),
        Shot("clip", "artist", f"/studio/clips/{last}/"),
        Shot("sharing", "artist", f"/studio/clips/{first}/sharing/"),
        Shot("earnings", "artist", "/earnings/"),
        Shot("shared", "", address.removeprefix(stack.url)),
        Shot("queue", "reviewer", "/review/"),
        Shot("desk", "reviewer", waiting.removeprefix(stack.url)),
        Shot("cohort", "admin", "/programme/cohorts/spring-residency/"),
        Shot("gpu-queue", "admin", "/programme/queue/"),
        Shot("workers", "admin", "/programme/workers/"),
        Shot("payouts", "admin", "/programme/payouts/"),
    ]


def photograph(stack: Stack, browser: Chromium, shots: list[Shot], out: Path) -> None:
    """Write ``<page>-<theme>-<width>[-fr].png`` for each shot."""
    for width, dark, language in (
        (1440, True, "en"),
        (1440, False, "fr"),
        (390, True, "fr"),
        (390, False, "en"),
    ):
        height = 900 if width == 1440 else 844
        pages: dict[str, Page] = {}
        for shot in shots:
            if shot.role not in pages:
                page = browser.window(width=width, height=height, dark=dark, language=language)
                if shot.role:
                    _enter(page, stack, shot.role)
                    _speak(page, language)
                pages[shot.role] = page
            page = pages[shot.role]
            page.goto(shot.path)
            page.wait_for_load_state("networkidle")
            page.evaluate(
                """() => Promise.all([...document.querySelectorAll('video')].map((video) => {
                    video.pause();
                    return video.readyState >= 2 ? null : new Promise((resolve) => {
                        video.addEventListener('loadeddata', resolve, { once: true });
                        setTimeout(resolve, 1500);
                    });
                }))"""
            )
            theme = "dark" if dark else "light"
            suffix = "" if language == "en" else f"-{language}"
            page.screenshot(path=out / f"{shot.name}-{theme}-{width}{suffix}.png")


def _enter(page: Page, stack: Stack, role: str) -> None:
    person = stack.people[role][0]
    story.enter_as(page, person["email"])


def _speak(page: Page, language: str) -> None:
    """Set the person's language, which the product remembers."""
    page.request.post(
        "/i18n/setlang/",
        form={
            "language": language,
            "csrfmiddlewaretoken": page.locator(
                "input[name=csrfmiddlewaretoken]"
            ).first.input_value(),
        },
        headers={"Referer": page.url},
    )


def main(arguments: list[str]) -> None:
    out = Path(arguments[0]) if arguments else OUT
    out.mkdir(parents=True, exist_ok=True)
    with folder() as var, running(var) as stack:
        stack.wait_for_line("Greenroom is ready", seconds=300)
        with chromium(stack.url) as browser:
            photograph(stack, browser, played(stack, browser), out)


if __name__ == "__main__":
    main(sys.argv[1:])

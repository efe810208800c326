"""Driving a real Chromium: one window a person."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

CHROMIUM = os.environ.get("GREENROOM_CHROMIUM", "/usr/bin/chromium")
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]
# The whole stack and the browser share the machine with the GPU worker's render.
PATIENCE_MS = 60_000


@dataclass
class Window:
    """One person's browser window, and what its console complained about."""

    page: Page
    complaints: list[str] = field(default_factory=list)


class Chromium:
    """A running browser; each window has its own cookies.

    Args:
        url: where the product answers, e.g. ``http://127.0.0.1:8000``.
    """

    def __init__(self, browser: Browser, url: str) -> None:
        self._browser = browser
        self._url = url
        self.windows: list[Window] = []

    def window(
        self,
        *,
        width: int = 1440,
        height: int = 900,
        dark: bool = True,
        language: str = "en",
    ) -> Page:
        """A new window of *width* by *height* pixels."""
        context = self._browser.new_context(
            base_url=self._url,
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            locale="fr-FR" if language == "fr" else "en-GB",
            timezone_id="Europe/Paris",
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        window = Window(page)
        page.on("console", lambda message: _note(window, message))
        page.on("pageerror", lambda error: window.complaints.append(str(error)))
        self.windows.append(window)
        return page

    def complaints(self) -> list[str]:
        """What the consoles of all windows complained about: errors, refused scripts or styles."""
        return [line for window in self.windows for line in window.complaints]


def _note(window: Window, message: ConsoleMessage) -> None:
    # A status of 4xx that a step asks for on purpose is the network's news, not a page's fault.
    if message.type == "error" and not message.text.startswith("Failed to load resource"):
        window.complaints.append(message.text)


@contextmanager
def chromium(url: str) -> Iterator[Chromium]:
    """Start Chromium.

    Raises:
        FileNotFoundError: when there is none, with the way to get it.
    """
    if not Path(CHROMIUM).exists():
        raise FileNotFoundError(
            f"There is no Chromium at {CHROMIUM}. Install it (Debian: apt-get install chromium) "
            "or name another one in GREENROOM_CHROMIUM."
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        try:
            yield Chromium(browser, url)
        finally:
            browser.close()

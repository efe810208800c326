"""What axe-core has against a page: the accessibility rules that a machine can check."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

# Without `preload` off, axe would fetch every style sheet again, against the page's policy.
EVERYTHING: dict[str, object] = {"preload": False}
COLOURS: dict[str, object] = {**EVERYTHING, "runOnly": ["color-contrast", "link-in-text-block"]}

# All that is well stays in the browser: on a large page it is most of the answer, and of the time.
_RUN = """async (options) => {
  const found = await axe.run({ ...options, resultTypes: ["violations"] });
  return found.violations;
}"""


class Axe:
    """axe-core in *page* as it is now; gone when the page goes elsewhere."""

    def __init__(self, page: Page) -> None:
        self._page = page
        page.evaluate(AXE_SCRIPT)

    def violations(self, options: dict[str, object]) -> list[str]:
        """A line for each offence, with the rule's name and the start of the element."""
        found: list[dict[str, Any]] = self._page.evaluate(_RUN, options)
        return [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]

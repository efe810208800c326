"""Every command of ours stands in docs/reference/commands.md."""

from __future__ import annotations

import re

from portal.config.env import BASE_DIR
from tests.house.source import APPS


def _page() -> str:
    return (BASE_DIR / "docs" / "reference" / "commands.md").read_text()


def test_management_commands_are_documented() -> None:
    ours = {
        path.stem
        for app in APPS
        for path in (BASE_DIR / app / "management" / "commands").glob("*.py")
        if path.stem != "__init__"
    }
    documented = set(re.findall(r"^### `manage\.py (\w+)", _page(), flags=re.MULTILINE))
    assert documented == ours


def test_make_targets_are_documented() -> None:
    makefile = (BASE_DIR / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.+)$", makefile, flags=re.MULTILINE)
    assert phony is not None
    documented = set(re.findall(r"^\| `make ([\w-]+)", _page(), flags=re.MULTILINE))
    assert documented == set(phony[1].split())

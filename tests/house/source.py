"""The files that the rules of the house are about."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from portal.config.env import BASE_DIR

APPS = ("portal", "generation", "review", "payments")


def modules(*folders: str) -> Iterator[Path]:
    """Python files below *folders* of the repository."""
    for folder in folders:
        yield from sorted((BASE_DIR / folder).rglob("*.py"))


def templates() -> Iterator[Path]:
    """Every template of ours."""
    for folder in ("templates", *APPS):
        yield from sorted((BASE_DIR / folder).rglob("*.html"))


def named(path: Path) -> str:
    return str(path.relative_to(BASE_DIR))

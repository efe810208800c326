"""Catalogues on disk: ``.po`` is kept, ``.mo`` is made from it when it is older."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

APPS = ("portal", "generation", "review", "payments")


def catalogues(base: Path) -> Iterator[Path]:
    """Every ``.po`` file of ours below *base*, in order."""
    for app in APPS:
        yield from sorted((base / app / "locale").glob("*/LC_MESSAGES/*.po"))


def compile_stale(base: Path) -> list[Path]:
    """Make each ``.mo`` that is missing or older than its ``.po``; those made.

    Several processes may do this at once: each file is replaced whole.
    """
    made = []
    for source in catalogues(base):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        # Rarely needed, so the usual start does not load it.
        import polib

        draft = target.with_suffix(f".{os.getpid()}.new")
        polib.pofile(str(source)).save_as_mofile(str(draft))
        draft.replace(target)
        made.append(target)
    return made

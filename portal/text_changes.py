"""What changed between two plain texts, by paragraph and by word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

from portal.models.agreement import blocks_of

Kind = Literal["same", "added", "removed"]

# Below this share of common words a paragraph reads better as one removed and one added.
_ALIKE = 0.4


class Piece(NamedTuple):
    """A run of words that both texts have, or only the newer or older one."""

    kind: Kind
    text: str


def changes_between(older: str, newer: str) -> list[list[Piece]]:
    """The paragraphs that differ, in reading order; empty where the texts say the same."""
    before = [block.text for block in blocks_of(older)]
    after = [block.text for block in blocks_of(newer)]
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    found: list[list[Piece]] = []
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        if tag != "equal":
            found += _paragraphs(before[start:end], after[new_start:new_end])
    return found


def _paragraphs(before: Sequence[str], after: Sequence[str]) -> list[list[Piece]]:
    waiting = list(before)
    found: list[list[Piece]] = []
    for text in after:
        match = next((old for old in waiting if _alike(old, text)), None)
        if match is None:
            found.append([Piece("added", text)])
            continue
        skipped = waiting.index(match)
        found += [[Piece("removed", old)] for old in waiting[:skipped]]
        del waiting[: skipped + 1]
        found.append(_words(match, text))
    return found + [[Piece("removed", old)] for old in waiting]


def _alike(older: str, newer: str) -> bool:
    matcher = SequenceMatcher(None, older.split(), newer.split(), autojunk=False)
    return matcher.ratio() >= _ALIKE


def _words(older: str, newer: str) -> list[Piece]:
    before, after = re.findall(r"\S+\s*", older), re.findall(r"\S+\s*", newer)
    found: list[Piece] = []
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            found.append(Piece("same", "".join(before[start:end])))
            continue
        if end > start:
            found.append(Piece("removed", "".join(before[start:end])))
        if new_end > new_start:
            found.append(Piece("added", "".join(after[new_start:new_end])))
    return found

"""What a row of a prompt sheet asks for, in the catalogue's terms."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from generation.api.asking import frames_for
from generation.errors import ModelNotOffered, NoModelFor, SeedOutOfRange
from generation.models.clip import PROMPT_MAX
from generation.services.wishes import Worn, checked
from portal import keys
from portal.errors import GreenroomError, KeyInText

if TYPE_CHECKING:
    from generation.catalogue import Entry
    from portal.tables import Line

_TIMES = re.compile(r"\s*[x×*]\s*", re.IGNORECASE)
_SEED = re.compile(r"\d{1,10}")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One row: what it asks for, or in words why that cannot be had (``problem``).

    ``estimate`` is in GPU seconds.
    """

    number: int
    prompt: str
    title: str
    model_key: str = ""
    size: str = ""
    frames: int = 0
    seed: int | None = None
    estimate: Decimal = Decimal(0)
    problem: str = ""


def asked_in(line: Line, entries: Sequence[Entry]) -> Asked:
    """*line* as a wish for one of *entries*; what is left out is the model's first or usual."""
    # What is kept for the list holds no key, whole or cut.
    prompt = keys.redact(line.cells["prompt"])[:PROMPT_MAX]
    title = keys.redact(line.cells["title"])[:120]
    try:
        return _asked(line, entries)
    except GreenroomError as error:
        return Asked(number=line.number, prompt=prompt, title=title, problem=str(error.message))


def _asked(line: Line, entries: Sequence[Entry]) -> Asked:
    cells = line.cells
    if line.trouble:
        raise GreenroomError(line.trouble)
    if any(keys.find_in(cell) for cell in cells.values()):
        raise KeyInText
    entry = _entry(cells["model"], entries)
    wish = checked(
        entry=entry,
        prompt=cells["prompt"],
        size=_TIMES.sub("x", cells["size"]) or str(entry.sizes[0]),
        frames=frames_for(entry, cells["seconds"].replace(",", ".")),
        seed=_seed(cells["seed"]),
        takes=1,
        title=cells["title"],
        steps=None,
        guidance=None,
        strength=None,
        worn=Worn(),
    )
    return Asked(
        number=line.number,
        prompt=wish.prompt,
        title=wish.title,
        model_key=entry.key,
        size=str(wish.size),
        frames=wish.frames,
        seed=wish.seed,
        estimate=wish.estimate,
    )


def _entry(name: str, entries: Sequence[Entry]) -> Entry:
    for entry in entries:
        if name.casefold() in {entry.key.casefold(), entry.title.casefold()} or not name:
            if not entry.needs_start:
                return entry
            if name:
                break
    raise NoModelFor if not name else ModelNotOffered


def _seed(text: str) -> int | None:
    if not text:
        return None
    if not _SEED.fullmatch(text) or not text.isascii():
        raise SeedOutOfRange
    return int(text)

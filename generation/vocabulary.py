"""What a model says about the words it knows, for models that can say so."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from generation.catalogue import Entry

_TITLES: dict[str, str | Promise] = {
    "subjects": _("Subjects"),
    "colours": _("Colours"),
    "motions": _("Motions"),
    "places": _("Places"),
    "times": _("Times of day"),
}
SUGGESTIONS = 4
# A suggestion is a button: longer ones would take two lines.
SUGGESTION_LETTERS = 46


@dataclass(frozen=True, kw_only=True)
class WordGroup:
    """Words of one kind, as the model knows them (in English, whatever the page speaks)."""

    title: str | Promise
    words: Sequence[str]


def _module(entry: Entry) -> Any:
    return importlib.import_module(entry.vocabulary) if entry.vocabulary else None


def known(entry: Entry) -> list[WordGroup]:
    module = _module(entry)
    if module is None:
        return []
    return [
        WordGroup(title=_TITLES.get(kind, kind), words=words)
        for kind, words in module.grammar().items()
    ]


def unknown_words(entry: Entry, prompt: str) -> list[str]:
    """Words of *prompt* the model never learnt; empty for a model that cannot tell."""
    module = _module(entry)
    return list(module.unknown_words(prompt)) if module is not None else []


def suggestions(entry: Entry, *, seed: int) -> list[str]:
    """A few prompts the model does well, the same for the same *seed*."""
    module = _module(entry)
    if module is None:
        return []
    prompts = sorted(module.suggestions(12 * SUGGESTIONS, seed), key=len)
    return [text for text in prompts if len(text) <= SUGGESTION_LETTERS][-SUGGESTIONS:]

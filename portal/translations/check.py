"""What a catalogue lacks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import polib

from portal.translations.catalogues import catalogues
from portal.translations.extract import Message, in_tree

_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


def _placeholders(text: str) -> list[str]:
    return sorted(_PLACEHOLDER.findall(text))


def _entry_problems(entry: polib.POEntry) -> Iterator[str]:
    translations = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
    if not all(translations):
        yield "is not translated"
        return
    if entry.fuzzy:
        yield "is fuzzy"
    allowed = [_placeholders(entry.msgid), _placeholders(entry.msgid_plural or entry.msgid)]
    if any(_placeholders(translation) not in allowed for translation in translations):
        yield "has other placeholders than its English text"


def problems(base: Path, languages: tuple[str, ...] = ("fr",)) -> list[str]:
    """One line for each message that is missing, untranslated, fuzzy, mangled or unused."""
    held = in_tree(base)
    lines = []
    for language in languages:
        known: set[Message] = set()
        for catalogue in catalogues(base):
            if catalogue.parent.parent.name != language:
                continue
            for entry in polib.pofile(str(catalogue)):
                if entry.obsolete:
                    continue
                message = Message(entry.msgctxt or "", entry.msgid)
                known.add(message)
                lines += [f"{language}: {entry.msgid!r} {what}" for what in _entry_problems(entry)]
                if message not in held:
                    lines.append(f"{language}: {entry.msgid!r} is no longer used")
        for message in sorted(held.keys() - known):
            where = ", ".join(sorted(map(str, held[message])))
            lines.append(f"{language}: {message.text!r} ({where}) is missing: run makemessages")
    return lines

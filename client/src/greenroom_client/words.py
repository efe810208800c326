"""The command's own texts, in the language of the person's locale.

English stands in the code and is the key; ``french`` has the other one. What the site says comes
in the same language, since every request names it.
"""

from __future__ import annotations

import locale
import os
import re

import click

from greenroom_client.french import FRENCH

# In the order in which GNU gettext asks them.
_VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
# "fr", "fr_CA.UTF-8"; Windows says "French_France".
_FRENCH = re.compile(r"fr([_.@-]|$)|french")


def language() -> str:
    """``"fr"`` or ``"en"``: the first of the variables that is set decides."""
    said = next((value for name in _VARIABLES if (value := os.environ.get(name))), "")
    # Windows and the Mac's own programs set none of them.
    first = (said or locale.getlocale()[0] or "").partition(":")[0].lower()
    return "fr" if _FRENCH.match(first) else "en"


def say(text: str, **values: object) -> str:
    """*text* in the person's language, with *values* for what stands in braces."""
    said = FRENCH.get(text, text) if language() == "fr" else text
    return said.format(**values) if values else said


def mark(text: str) -> str:
    """*text* as it is, to be said later."""
    return text


def headers() -> dict[str, str]:
    """What a request says of the person's language."""
    return {"Accept-Language": language()}


def say_help(command: click.Command, english: dict[object, str]) -> None:
    """Put what *command*, those below it and their options say of themselves into words.

    Args:
        english: what each says in English; filled at the first call.
    """
    telling: list[click.Command | click.Option] = [command, *_options(command)]
    for told in telling:
        if told.help:
            told.help = _paragraphs(english.setdefault(told, told.help))
    for below in command.commands.values() if isinstance(command, click.Group) else ():
        say_help(below, english)


def _options(command: click.Command) -> list[click.Option]:
    return [param for param in command.params if isinstance(param, click.Option)]


def _paragraphs(text: str) -> str:
    return "\n\n".join(say(" ".join(part.split())) for part in text.split("\n\n"))

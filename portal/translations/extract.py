"""Which messages the code and the templates hold, as ``makemessages`` would find them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from django.utils.translation.template import templatize

from portal.translations.catalogues import APPS


class Message(NamedTuple):
    """What identifies a message: its context ("" for none) and its English (singular) text."""

    context: str
    text: str


# Function: positions of context and text among its arguments.
_FUNCTIONS: dict[str, tuple[int | None, int]] = {
    "_": (None, 0),
    "gettext": (None, 0),
    "gettext_lazy": (None, 0),
    "gettext_noop": (None, 0),
    "ngettext": (None, 0),
    "ngettext_lazy": (None, 0),
    "pgettext": (0, 1),
    "pgettext_lazy": (0, 1),
    "npgettext": (0, 1),
    "npgettext_lazy": (0, 1),
}
_CALL = re.compile(rf"(?<![\w.])({'|'.join(sorted(_FUNCTIONS, key=len, reverse=True))})\(")
_STRING = re.compile(r"""\s*u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*,?""", re.DOTALL)


def _text(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def in_python(source: str) -> Iterator[Message]:
    """Messages of a Python module."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        function = node.func
        name = function.attr if isinstance(function, ast.Attribute) else ""
        name = function.id if isinstance(function, ast.Name) else name
        if name not in _FUNCTIONS:
            continue
        context_at, text_at = _FUNCTIONS[name]
        if len(node.args) <= text_at:
            continue
        text = _text(node.args[text_at])
        context = "" if context_at is None else _text(node.args[context_at])
        if text and context is not None:
            yield Message(context, text)


def in_template(source: str) -> Iterator[Message]:
    """Messages of a Django template."""
    plain = templatize(source)
    for call in _CALL.finditer(plain):
        context_at, text_at = _FUNCTIONS[call[1]]
        strings: list[str] = []
        position = call.end()
        while len(strings) <= text_at and (string := _STRING.match(plain, position)):
            strings.append(ast.literal_eval(string[1]))
            position = string.end()
        if len(strings) > text_at and strings[text_at]:
            yield Message("" if context_at is None else strings[context_at], strings[text_at])


def in_tree(base: Path) -> dict[Message, set[Path]]:
    """Every message below *base*, with the files that hold it."""
    found: dict[Message, set[Path]] = {}
    readers = (("*.py", in_python), ("*.html", in_template), ("*.txt", in_template))
    for folder in (*APPS, "templates"):
        for pattern, read in readers:
            for file in sorted((base / folder).rglob(pattern)):
                for message in read(file.read_text()):
                    found.setdefault(message, set()).add(file.relative_to(base))
    return found

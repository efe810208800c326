"""Examples of the API's use, as they can be pasted: for the Python SDK, curl and JavaScript."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

_FOLDER = Path(__file__).parent / "examples"
# What the files say in place of the site's own address.
_ADDRESS = "https://greenroom.example/v1"

LANGUAGES = {"py": "Python", "sh": "curl", "js": "JavaScript"}


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A piece of code.

    Attributes:
        language: ``"py"``, ``"sh"`` or ``"js"``.
        label: what the language is called.
        code: the text, with the site's own address in it.
    """

    language: str
    label: str
    code: str


def base_url() -> str:
    """Where a client of the API is pointed at."""
    return f"{settings.BASE_URL}/v1"


def examples_of(operation: str) -> Sequence[Sample]:
    """One for each language, by the operation's id in the schema; none for an unknown one.

    They read the key from the environment, and so what they are about: ``VIDEO_ID``.
    """
    return _samples(operation, {})


def script(*, model: str, size: str, seconds: str, key: str = "") -> Sequence[Sample]:
    """The whole way from a prompt to a file, with *key* in it when it is given."""
    values = {"__MODEL__": model, "__SIZE__": size, "__SECONDS__": seconds}
    if key:
        values["grk_…"] = key
    return _samples("script", values)


def _samples(name: str, values: Mapping[str, str]) -> Sequence[Sample]:
    texts = _texts().get(name, {})
    return [
        Sample(language=language, label=label, code=_filled(texts[language], values))
        for language, label in LANGUAGES.items()
        if language in texts
    ]


def _filled(text: str, values: Mapping[str, str]) -> str:
    for placeholder, value in {_ADDRESS: base_url(), **values}.items():
        text = text.replace(placeholder, value)
    return text


@cache
def _texts() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for path in sorted(_FOLDER.glob("*.txt")):
        name, language, _kind = path.name.split(".")
        found.setdefault(name, {})[language] = path.read_text(encoding="utf-8")
    return found

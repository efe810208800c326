"""The content security policy allows no inline script or style, so no template may hold one."""

from __future__ import annotations

import re

import pytest

from tests.house.source import named, templates

_DJANGO = re.compile(r"\{#.*?#\}|\{%\s*comment.*?endcomment\s*%\}", re.DOTALL)
_FORBIDDEN = {
    # A data block (type="application/json") is no script; everything else needs a src.
    "inline script": re.compile(
        r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")[^>]*>", re.IGNORECASE
    ),
    "style element": re.compile(r"<style\b", re.IGNORECASE),
    "style attribute": re.compile(r"<[a-z][^<>]*\sstyle\s*=", re.IGNORECASE),
    "event attribute": re.compile(r"<[a-z][^<>]*\son[a-z]+\s*=", re.IGNORECASE),
    "javascript: address": re.compile(r"=\s*[\"']?\s*javascript:", re.IGNORECASE),
}


def offences(source: str) -> list[str]:
    text = _DJANGO.sub("", source)
    return [name for name, pattern in _FORBIDDEN.items() if pattern.search(text)]


def test_no_template_holds_inline_script_or_style() -> None:
    # Mail programs read neither our style sheets nor our policy.
    pages = [path for path in templates() if "emails" not in path.parts]
    found = {named(path): offences(path.read_text()) for path in pages}
    assert {name: kinds for name, kinds in found.items() if kinds} == {}


@pytest.mark.parametrize(
    ("source", "kinds"),
    [
        ("<script>go()</script>", ["inline script"]),
        ('<script src="/a.js"></script>', []),
        ('<script type="application/json" id="data">{}</script>', []),
        ("<style>p { color: red }</style>", ["style element"]),
        ('<p class="a" style="color: red">', ["style attribute"]),
        ('<p class="style">', []),
        ("<button onclick=go()>", ["event attribute"]),
        ('<a href="javascript:go()">', ["javascript: address"]),
        ('{# <p style="x"> #}', []),
    ],
)
def test_the_rule_itself(source: str, kinds: list[str]) -> None:
    assert offences(source) == kinds

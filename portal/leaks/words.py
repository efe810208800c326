"""What each kind of evidence is called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import ngettext_lazy

_WORDS: dict[str, Any] = {
    "page_networks": ngettext_lazy(
        "Used from %(count)s network through a web page that is not ours",
        "Used from %(count)s networks through a web page that is not ours",
        "count",
    ),
    "networks_at_once": ngettext_lazy(
        "Used from %(count)s network within five seconds",
        "Used from %(count)s networks within five seconds",
        "count",
    ),
    "start_networks": ngettext_lazy(
        "Clips asked for from %(count)s network within ten minutes",
        "Clips asked for from %(count)s networks within ten minutes",
        "count",
    ),
    "networks": ngettext_lazy(
        "Used from %(count)s network within ten minutes",
        "Used from %(count)s networks within ten minutes",
        "count",
    ),
    "page_requests": ngettext_lazy(
        "%(count)s request through a web page that is not ours",
        "%(count)s requests through a web page that is not ours",
        "count",
    ),
    "clients": ngettext_lazy(
        "Used with %(count)s program within ten minutes",
        "Used with %(count)s different programs within ten minutes",
        "count",
    ),
    "requests": ngettext_lazy(
        "%(count)s request within ten minutes",
        "%(count)s requests within ten minutes, more than ever before",
        "count",
    ),
}


def sentence(fact: str, count: int) -> str:
    """One kind of evidence in the reader's language."""
    return str(_WORDS[fact] % {"count": count})


def in_words(findings: Iterable[Mapping[str, Any]], *, most: int = 3) -> str:
    """The *most* heaviest of stored *findings* in a row, for a reason."""
    return ". ".join(sentence(one["fact"], one["count"]) for one in list(findings)[:most]) + "."

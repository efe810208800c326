"""Numbers as the reader's language writes them."""

from __future__ import annotations

from django.utils.formats import number_format


def short_seconds(seconds: float) -> str:
    """*seconds* to a tenth, without a trailing zero: ``2.1`` in English, ``2,1`` in French."""
    tenths = round(seconds, 1)
    return number_format(tenths, 0 if tenths == int(tenths) else 1)

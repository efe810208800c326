"""Business identifier codes: the shape of ISO 9362."""

from __future__ import annotations

import re

_SHAPE = re.compile(r"[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")


def is_valid(code: str, *, country: str) -> bool:
    """Whether *code* has 8 or 11 signs in the right places and is of a bank in *country*."""
    return bool(_SHAPE.fullmatch(code)) and code[4:6] == country

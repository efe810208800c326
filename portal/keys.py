"""The form of an access key: made, recognised, hashed, taken out of texts. Pure.

``grk_`` + 36 random base62 characters (214 bits) + 6 base62 characters of the CRC-32 of all before
them. Prefix and checksum let a scanner, and our own pages, tell a key from any other text without
asking anybody; the checksum is public arithmetic and proves nothing but that nobody mistyped.
"""

from __future__ import annotations

import re
import secrets
import string
import zlib
from collections.abc import Mapping
from typing import Any

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
PREFIX = "grk_"
RANDOM_LENGTH = 36
CHECKSUM_LENGTH = 6
LENGTH = len(PREFIX) + RANDOM_LENGTH + CHECKSUM_LENGTH

# What a secret scanner is told to look for; the checksum then sorts out what only looks like one.
SCANNER_PATTERN = rf"{PREFIX}[0-9A-Za-z]{{{RANDOM_LENGTH + CHECKSUM_LENGTH}}}"

_WHOLE = re.compile(SCANNER_PATTERN)
_IN_TEXT = re.compile(rf"(?<![0-9A-Za-z]){SCANNER_PATTERN}(?![0-9A-Za-z])")
# A key that was cut or lengthened gives away nearly as much as a whole one.
_ANY_PART = re.compile(rf"{PREFIX}[0-9A-Za-z]{{8,}}")
_HIDDEN = f"{PREFIX}…"


def make() -> str:
    """A new key, from the system's random source."""
    body = PREFIX + "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_LENGTH))
    return body + checksum(body)


def checksum(body: str) -> str:
    """CRC-32 of *body*, prefix included, as six base62 digits."""
    number = zlib.crc32(body.encode())
    digits = ""
    for _ in range(CHECKSUM_LENGTH):
        number, digit = divmod(number, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return digits


def looks_like_key(text: str) -> bool:
    """Whether *text* is a key by prefix, length and alphabet."""
    return _WHOLE.fullmatch(text) is not None


def checksum_ok(text: str) -> bool:
    """Whether *text* looks like a key and its last six characters fit the others."""
    return looks_like_key(text) and checksum(text[:-CHECKSUM_LENGTH]) == text[-CHECKSUM_LENGTH:]


def find_in(text: str) -> list[str]:
    """Every key in *text* whose checksum holds, in order."""
    return [found for found in _IN_TEXT.findall(text) if checksum_ok(found)]


def hint(key: str) -> str:
    """What a page may show of *key*: enough to tell two apart, 166 random bits short of it."""
    return f"{key[: len(PREFIX) + 4]}…{key[-4:]}"


def redact(text: str) -> str:
    """*text* with whatever could be a key, or most of one, taken out."""
    return _ANY_PART.sub(_HIDDEN, text)


def redact_values(value: Any) -> Any:
    """*value* (JSON-like) with every text in it redacted."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {name: redact_values(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [redact_values(inner) for inner in value]
    return value

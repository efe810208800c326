"""How entries of the audit log are hashed and chained: arithmetic that anybody can repeat.

An entry's hash is the SHA-256 of its canonical JSON: UTF-8, keys sorted, no spaces, times in UTC to
the microsecond, numbers as PostgreSQL writes them (after RFC 8785, whose numbers are JavaScript's).
A chain starts at 32 zero bytes; a head is the SHA-256 of the one before it and the entry's hash.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

START = bytes(32)

# What an entry is hashed from, in the order of the values that ``entry_hash`` takes.
FIELDS = (
    *("action", "actor", "actor_label", "after", "at", "before", "cohort", "id", "key_hint"),
    *("network", "reason", "request_id", "target_id", "target_type"),
)
# The same as PostgreSQL gives them: JSON as its own text.
COLUMNS = """
    entry.action, entry.actor_id, entry.actor_label, entry.after::text, entry.at,
    entry.before::text, entry.cohort_id, entry.id, entry.key_hint, entry.network::text,
    entry.reason, entry.request_id, entry.target_id, entry.target_type
"""
_AFTER, _AT, _BEFORE = (FIELDS.index(name) for name in ("after", "at", "before"))

# No text that PostgreSQL holds has a zero byte, so it marks a number that must stay as it is.
_KEPT = "\x00"
_KEPT_IN_JSON = re.compile(r'"\\u0000([^"]*)"')


def canonical(values: Sequence[Any]) -> bytes:
    """The bytes an entry is hashed from; *values* are those of ``COLUMNS``."""
    entry = dict(zip(FIELDS, values, strict=True))
    entry["after"] = _facts(values[_AFTER])
    entry["at"] = _moment(values[_AT])
    entry["before"] = _facts(values[_BEFORE])
    text = json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return _KEPT_IN_JSON.sub(r"\1", text).encode()


def entry_hash(values: Sequence[Any]) -> bytes:
    """SHA-256 of an entry; *values* are those of ``COLUMNS``."""
    return sha256(canonical(values)).digest()


def link(previous: bytes, hash_: bytes) -> bytes:
    """The head of a chain after an entry with *hash_* was added to *previous*."""
    return sha256(previous + hash_).digest()


def _facts(text: str) -> Any:
    return json.loads(text, parse_float=_as_it_is, parse_int=_as_it_is)


def _as_it_is(number: str) -> str:
    return _KEPT + number


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"

"""A bank beside the product, for a bench that kills processes."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from payments.models import Remittance


class Transfer(NamedTuple):
    """What the bank did for one key; ``amount_minor`` is in minor units of ``currency``."""

    key: str
    artist: int
    amount_minor: int
    currency: str
    arrives: bool


def _read(row: tuple[Any, ...]) -> Transfer:
    key, artist, amount_minor, currency, arrives = row
    return Transfer(key, artist, amount_minor, currency, bool(arrives))


class Bank:
    """A bank that outlives every process: it carries out each key once, and answers by it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with closing(self._open()) as bank:
            bank.execute("PRAGMA journal_mode = WAL")
            bank.execute(
                "CREATE TABLE IF NOT EXISTS transfer (key TEXT PRIMARY KEY, artist INTEGER,"
                " amount_minor INTEGER, currency TEXT, arrives INTEGER)"
            )

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=60, isolation_level=None)

    def carry_out(self, row: Remittance, *, arrives: bool) -> None:
        with closing(self._open()) as bank:
            bank.execute(
                "INSERT INTO transfer VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (row.key, row.artist_id, row.amount_minor, row.currency, arrives),
            )

    def transfers(self) -> dict[str, Transfer]:
        with closing(self._open()) as bank:
            rows = bank.execute("SELECT * FROM transfer").fetchall()
        return {row[0]: _read(row) for row in rows}

    def find(self, key: str) -> Transfer | None:
        with closing(self._open()) as bank:
            row = bank.execute("SELECT * FROM transfer WHERE key = ?", (key,)).fetchone()
        return _read(row) if row else None

"""What an earlier start has done already, so that the next one is ready sooner."""

from __future__ import annotations

import hashlib
from pathlib import Path

import psycopg
from django.contrib.staticfiles.finders import get_finders
from django.db.migrations.loader import MigrationLoader


def pending_migrations(database_url: str) -> bool:
    """Whether the database lacks any migration of this version of the code."""
    known = set(MigrationLoader(None).graph.nodes)
    try:
        with psycopg.connect(database_url) as connection:
            applied = connection.execute("SELECT app, name FROM django_migrations").fetchall()
    except psycopg.errors.UndefinedTable:
        return True
    return bool(known - set(applied))


class StaticFiles:
    """The collected static files of *var* and a mark of what they were collected from."""

    def __init__(self, var: Path) -> None:
        self._list = var / "static" / "staticfiles.json"
        self._mark = var / "ready" / "static-from"
        self._now = self._fingerprint()

    @staticmethod
    def _fingerprint() -> str:
        digest = hashlib.sha256()
        for finder in get_finders():
            for path, storage in finder.list([]):
                status = Path(storage.path(path)).stat()
                digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
        return digest.hexdigest()

    def stale(self) -> bool:
        """Whether a source changed since, or nothing was collected yet."""
        if not (self._list.is_file() and self._mark.is_file()):
            return True
        return self._mark.read_text() != self._now

    def collected(self) -> None:
        """Remember what was collected."""
        self._mark.parent.mkdir(parents=True, exist_ok=True)
        self._mark.write_text(self._now)

"""What an earlier start has done already, so that the next one is ready sooner."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from pathlib import Path

import psycopg
from django.contrib.staticfiles.finders import get_finders
from django.db.migrations.loader import MigrationLoader

from portal import demo_keys
from portal.config.env import BASE_DIR
from portal.tokens import hash_token


def pending_migrations(database_url: str) -> bool:
    """Whether the database lacks any migration of this version of the code.

    Or the application has no rights there yet: `migrate` gives them.
    """
    known = set(MigrationLoader(None).graph.nodes)
    try:
        with psycopg.connect(database_url) as connection:
            applied = connection.execute("SELECT app, name FROM django_migrations").fetchall()
    except (psycopg.errors.UndefinedTable, psycopg.errors.InsufficientPrivilege):
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


class DemoPeople:
    """Whether the demo's people and programme are in the database as this code makes them."""

    def __init__(self, var: Path, emails: Collection[str]) -> None:
        self._var = var
        self._mark = var / "ready" / "demo-from"
        self._emails = sorted(emails)
        digest = hashlib.sha256()
        for path in (BASE_DIR / "portal" / "demo.py", *sorted(BASE_DIR.glob("*/seed*.py"))):
            digest.update(path.read_bytes())
        digest.update("\n".join(self._emails).encode())
        self._now = digest.hexdigest()

    @property
    def in_words(self) -> str:
        return f"{len(self._emails)}, each signs in with one click"

    def missing(self, database_url: str) -> bool:
        """Whether anyone is missing, the scripts' key no longer works, or the code has changed."""
        if not self._mark.is_file() or self._mark.read_text() != self._now:
            return True
        with psycopg.connect(database_url) as connection:
            found = connection.execute(
                "SELECT count(*) FROM portal_user WHERE email = ANY(%s)", [self._emails]
            ).fetchone()
            working = connection.execute(
                "SELECT count(*) FROM portal_accesskey WHERE digest = %s AND state = 'active' "
                "AND overlap_ends_at IS NULL AND expires_at > now() + interval '1 day'",
                [hash_token(demo_keys.read(self._var).get("artist", ""))],
            ).fetchone()
        return found != (len(self._emails),) or working != (1,)

    def made(self) -> None:
        """Remember what was made."""
        self._mark.parent.mkdir(parents=True, exist_ok=True)
        self._mark.write_text(self._now)

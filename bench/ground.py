"""A database, a broker and the demo's people for one bench run, gone at its end."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from portal.embedded import Postgres, Redis, lay_ground
from portal.embedded.process import stop

# Where the owner of the tables reaches the database of this run.
_owner_url = ""


def vacuum(*tables: str) -> None:
    """What autovacuum does within a minute; only who owns the tables may."""
    names = sql.SQL(", ").join(map(sql.Identifier, tables))
    with psycopg.connect(_owner_url, autocommit=True) as owner:
        owner.execute(sql.SQL("VACUUM (ANALYZE) {}").format(names))


def as_owner(*statements: str) -> None:
    """Run constants of a bench, one transaction each, as the owner of the tables."""
    with psycopg.connect(_owner_url, autocommit=True) as owner:
        for statement in statements:
            owner.execute(statement)


@dataclass
class Running:
    """A server and its present process."""

    server: Postgres | Redis
    process: subprocess.Popen[bytes]

    def start_again(self) -> None:
        """After its process ended."""
        self.process = self.server.program().start()
        self.server.await_ready(self.process)


@contextmanager
def ground() -> Iterator[Running]:
    """Start PostgreSQL and Redis with production's settings, set Django up, seed the demo.

    Answers PostgreSQL, for who wants to end it.
    """
    global _owner_url
    with tempfile.TemporaryDirectory(prefix="greenroom-bench-", ignore_cleanup_errors=True) as name:
        var = Path(name)
        # The servers' own account must be able to enter.
        var.chmod(0o755)
        (var / "static").mkdir()
        laid = lay_ground(var)
        log = var / "log"
        postgres = Postgres(
            ground=laid,
            keeper_password=secrets.token_hex(16),
            owner_password=secrets.token_hex(16),
            password=secrets.token_hex(16),
            log=log / "postgres.log",
        )
        redis = Redis(ground=laid, password=secrets.token_hex(16), log=log / "redis.log")
        os.environ.update(
            DJANGO_SETTINGS_MODULE="portal.config.settings",
            GREENROOM_SECRET_KEY=secrets.token_urlsafe(48),
            GREENROOM_VAR=str(var),
            GREENROOM_DEMO="1",
            GREENROOM_LOG_LEVEL="WARNING",
            DATABASE_URL=postgres.url,
            REDIS_URL=redis.url,
        )
        postgres.prepare()
        redis.prepare()
        running: list[Running] = []
        try:
            for server in (postgres, redis):
                process = server.program().start()
                running.append(Running(server, process))
                server.await_ready(process)
            postgres.make_database()
            _owner_url = postgres.owner_url
            migrate(postgres)
            _django()
            yield running[0]
        finally:
            with suppress(ImportError):
                from django.db import connections

                connections.close_all()
            for one in reversed(running):
                stop(one.process, one.server.program().stop_signal, grace=10)


def migrate(postgres: Postgres) -> None:
    """Make the tables as their owner; everything else runs as the application's own role."""
    # Celery's programme, which comes with it, reads the names of the settings as it is imported.
    from portal.config.env import BASE_DIR

    subprocess.run(
        [sys.executable, str(BASE_DIR / "manage.py"), "migrate", "--verbosity", "0"],
        env={**os.environ, "GREENROOM_OWNER_DATABASE_URL": postgres.owner_url},
        check=True,
    )


def _django() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("seed_demo", verbosity=0)

"""Every test run has its own PostgreSQL and Redis, in a temporary folder, gone at the end.

A pytest plugin (``-p tests.embedded``): importing it names the servers in the environment, before
any Django settings are read; the servers themselves start with the session. Several runs may go
on at once, and a run that is killed leaves no process (see ``portal.embedded.process``).
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from portal.config.env import BASE_DIR
from portal.embedded import Postgres, Redis, lay_ground
from portal.embedded.process import stop
from portal.translations.catalogues import compile_stale

_PREFIX = "greenroom-tests-"


def _sweep() -> None:
    """Remove the folders of runs that were killed: their lock is free."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            # A run that is just beginning has not taken its lock yet.
            if time.time() - folder.stat().st_mtime < 60:
                continue
            with (folder / "lock").open("rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue


def _claim() -> tuple[Path, int]:
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    # mkdtemp's 0700 would keep out the servers' account when we are root.
    folder.chmod(0o755)
    lock = os.open(folder / "lock", os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    return folder, lock


class Servers:
    """The servers of one test run."""

    def __init__(self) -> None:
        _sweep()
        self.var, self._lock = _claim()
        ground = lay_ground(self.var)
        self.postgres = Postgres(
            ground=ground,
            keeper_password=secrets.token_hex(16),
            owner_password=secrets.token_hex(16),
            password=secrets.token_hex(16),
            log=self.var / "log" / "postgres.log",
            throwaway=True,
        )
        self.redis = Redis(
            ground=ground,
            password=secrets.token_hex(16),
            log=self.var / "log" / "redis.log",
            throwaway=True,
        )
        for name in ("static", "media"):
            (self.var / name).mkdir()
        self._running: list[tuple[subprocess.Popen[bytes], Postgres | Redis]] = []

    def environment(self) -> dict[str, str]:
        """What settings of the tests read; nothing of the developer's own stack shines through."""
        return {
            "GREENROOM_TESTING": "1",
            "GREENROOM_DEMO": "0",
            "GREENROOM_TOOL": "0",
            "GREENROOM_SECRET_KEY": secrets.token_urlsafe(48),
            "GREENROOM_VAR": str(self.var),
            "GREENROOM_EMAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend",
            "DATABASE_URL": self.postgres.url,
            "GREENROOM_OWNER_DATABASE_URL": self.postgres.owner_url,
            "REDIS_URL": self.redis.url,
        }

    def start(self) -> None:
        self.postgres.prepare()
        self.redis.prepare()
        for server in (self.redis, self.postgres):
            process = server.program().start()
            self._running.append((process, server))
        for process, server in self._running:
            server.await_ready(process)
        self.postgres.make_database()
        # Lets the owner empty tables whose triggers keep what is in them.
        with psycopg.connect(self.postgres.keeper_url("postgres"), autocommit=True) as keeper:
            owner = sql.Identifier(str(conninfo_to_dict(self.postgres.owner_url)["user"]))
            keeper.execute(
                sql.SQL("GRANT SET ON PARAMETER session_replication_role TO {}").format(owner)
            )

    def stop(self) -> None:
        for process, server in self._running:
            stop(process, server.program().stop_signal, grace=5)
        self._running.clear()
        shutil.rmtree(self.var, ignore_errors=True)
        os.close(self._lock)


for _name in [name for name in os.environ if name.startswith("GREENROOM_")]:
    if _name != "GREENROOM_CHROMIUM":
        del os.environ[_name]
# Test processes share the cores; threads of torch that wait for a core spend another one.
os.environ.setdefault("OMP_NUM_THREADS", "1")
compile_stale(BASE_DIR)
servers = Servers()
os.environ.update(servers.environment())


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    # With pytest-xdist only the workers run tests; each has its own servers.
    if session.config.pluginmanager.hasplugin("dsession"):
        return
    servers.start()


def pytest_unconfigure(config: pytest.Config) -> None:
    servers.stop()

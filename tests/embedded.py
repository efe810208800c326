"""Every test run has its own PostgreSQL and Redis, in a temporary folder, gone at the end.

A pytest plugin (``-p tests.embedded``): importing it names the servers in the environment, before
any Django settings are read; the servers themselves start with the session. Several runs may go
on at once, and a run that is killed leaves no process (see ``portal.embedded.process``).

With pytest-xdist only the workers run tests, each on servers of its own. Their parent makes one
database meanwhile, of which each starts on a copy.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
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
# For the workers of pytest-xdist: their parent's folder, and the password of the superuser there.
_ORIGINAL = "GREENROOM_TESTS_ORIGINAL"
_ORIGINAL_PASSWORD = "GREENROOM_TESTS_ORIGINAL_PASSWORD"


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

    def __init__(self, original: Path | None, keeper_password: str) -> None:
        """Name them.

        Args:
            original: the folder of the servers whose database these start on a copy of.
            keeper_password: the superuser's, in the copy as in the original.
        """
        self._original = original
        _sweep()
        self.var, self._lock = _claim()
        ground = lay_ground(self.var)
        self.postgres = Postgres(
            ground=ground,
            keeper_password=keeper_password,
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

    @property
    def _data(self) -> Path:
        return self.postgres.ground.data / "postgres"

    @property
    def _made(self) -> Path:
        """What is there once others may copy the database; it says what went wrong, if anything."""
        return self.var / "made"

    def start(self) -> None:
        """Start all but the database that is copied, which takes its time."""
        self.redis.prepare()
        self._run(self.redis)
        if self._original is None:
            self._start_postgres()
        self._await_ready()

    def start_on_copy(self) -> None:
        """Start PostgreSQL on a copy of the original, once that is made."""
        if self._original is None:
            return
        made = self._original / "made"
        parent = os.getppid()
        while not made.exists():
            if os.getppid() != parent:
                pytest.exit("Whoever makes the database of the tests is gone.", returncode=3)
            time.sleep(0.05)
        if failed := made.read_text():
            pytest.exit(f"The database of the tests could not be made:\n{failed}", returncode=3)
        shutil.rmtree(self._data)
        subprocess.run(["cp", "-a", str(self._original / "postgres"), str(self._data)], check=True)
        self._start_postgres()
        self._await_ready()

    def make_original(self) -> None:
        """Make the database that others copy."""
        said = ""
        try:
            self._start_postgres()
            self._await_ready()
            done = subprocess.run(
                [sys.executable, "-m", "tests.database.make"],
                cwd=BASE_DIR,
                env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode != 0:
                said = done.stdout + done.stderr or "no word"
            for process, _server in self._running:
                # A copy needs everything on disk.
                stop(process, signal.SIGINT, grace=30)
            self._running.clear()
        except Exception as error:
            said = repr(error)
            raise
        finally:
            half = self._made.with_suffix(".half")
            half.write_text(said)
            half.rename(self._made)

    def _run(self, server: Postgres | Redis) -> None:
        self._running.append((server.program().start(), server))

    def _await_ready(self) -> None:
        for process, server in self._running:
            server.await_ready(process)

    def _start_postgres(self) -> None:
        self.postgres.prepare()
        self._run(self.postgres)
        self._await_ready()
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


_original = os.environ.pop(_ORIGINAL, "")
_keeper_password = os.environ.pop(_ORIGINAL_PASSWORD, "") or secrets.token_hex(16)
for _name in [name for name in os.environ if name.startswith("GREENROOM_")]:
    if _name != "GREENROOM_CHROMIUM":
        del os.environ[_name]
# Test processes share the cores; threads of torch that wait for a core spend another one.
os.environ.setdefault("OMP_NUM_THREADS", "1")
compile_stale(BASE_DIR)
servers = Servers(Path(_original) if _original else None, _keeper_password)
os.environ.update(servers.environment())


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    if session.config.pluginmanager.hasplugin("dsession"):
        os.environ[_ORIGINAL] = str(servers.var)
        os.environ[_ORIGINAL_PASSWORD] = _keeper_password
        threading.Thread(target=servers.make_original, daemon=True).start()
        return
    servers.start()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    if not session.config.option.collectonly:
        servers.start_on_copy()


def pytest_unconfigure(config: pytest.Config) -> None:
    servers.stop()

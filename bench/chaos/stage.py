"""Where the chaos plays: servers that can be stopped, a catalogue of tiny models, ten artists."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.ground import migrate
from portal.config.env import BASE_DIR
from portal.embedded import Postgres, Redis, lay_ground
from portal.embedded.process import Program, processes_with, stop, tail

if TYPE_CHECKING:
    from portal.models import Cohort, User

ARTISTS = 10
# By catalogue key: the pipeline family and the sizes it can make.
MODELS = {"tiny-wan": ("wan", '["32x32", "48x32"]'), "tiny-ltx": ("ltx", '["32x32"]')}
LEASE_SECONDS = 10
_SAVE = (
    "import sys; from pathlib import Path; from tests.generation.tiny import save_tiny; "
    "[save_tiny(family, Path(folder)) for family, folder in "
    "(word.split('=', 1) for word in sys.argv[1:])]"
)
_READY_SECONDS = 1200


class StageFailed(RuntimeError):
    """The stage could not be set up, or part of it gave up while the play went on."""


class Server:
    """PostgreSQL or Redis, and its present process."""

    def __init__(self, server: Postgres | Redis) -> None:
        self.server = server
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = self.server.program().start()
        self.server.await_ready(self._process)

    def stop(self, how: signal.Signals | None = None) -> None:
        """End it in order, or with the signal *how*; nothing when it is down."""
        if self._process is not None:
            stop(self._process, how or self.server.program().stop_signal, grace=20)
            self._process = None


@dataclass(kw_only=True)
class Stage:
    """One Greenroom without its website.

    Attributes:
        var: its folder.
        env: what its programs are started with.
        artists: of one cohort, all rights given.
        admin: runs the programme.
    """

    var: Path
    env: dict[str, str]
    postgres: Server
    redis: Server
    redis_url: str
    artists: Sequence[User]
    admin: User
    cohort: Cohort
    crew: subprocess.Popen[bytes]

    @property
    def crew_log(self) -> Path:
        return self.var / "log" / "crew.log"

    def require_crew(self) -> None:
        """Raises:
        StageFailed: when the supervisor ended, with its last words.
        """
        if self.crew.poll() is not None:
            raise StageFailed(f"The supervisor ended:\n{tail(self.crew_log, 40)}")

    def end_crew(self) -> None:
        """End workers and beat in order, as an operator does."""
        stop(self.crew, signal.SIGTERM, grace=60)

    def worker_process(self, name: str) -> int | None:
        """Process id of the GPU worker *name*, as its rows call it (``gpu1@host``)."""
        ours = f"GREENROOM_VAR={self.var}".encode()
        for pid in processes_with(f"{name.partition('@')[0]}@%h"):
            with suppress(OSError):
                if ours in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
                    return pid
        return None


@contextmanager
def stage(
    var: Path, *, artists: int = ARTISTS, models: Mapping[str, tuple[str, str]] = MODELS
) -> Iterator[Stage]:
    """Set everything up in *var*, with so many *artists*, and take it down, whatever happens.

    *models* are tiny ones, as ``MODELS`` says them.

    Raises:
        StageFailed: when a part cannot start.
    """
    # The servers' own account must be able to enter.
    var.chmod(0o755)
    laid = lay_ground(var)
    for name in ("log", "media", "ready", "tmp", "catalogue"):
        (var / name).mkdir(exist_ok=True)
    log = var / "log"
    postgres = Postgres(
        ground=laid,
        keeper_password=secrets.token_hex(16),
        owner_password=secrets.token_hex(16),
        password=secrets.token_hex(16),
        log=log / "postgres.log",
    )
    redis = Redis(ground=laid, password=secrets.token_hex(16), log=log / "redis.log")
    env = _environment(var, postgres, redis)
    servers = (Server(postgres), Server(redis))
    crew: subprocess.Popen[bytes] | None = None
    weights = _save_models(var, env, models)
    try:
        postgres.prepare()
        redis.prepare()
        for server in servers:
            server.start()
        postgres.make_database()
        _set_django_up(env)
        migrate(postgres)
        admin, cohort, people = _people(artists, list(models))
        if weights.wait() != 0:
            raise StageFailed(tail(log / "weights.log", 40))
        crew = _start_crew(var, env)
        made = Stage(
            var=var,
            env=env,
            postgres=servers[0],
            redis=servers[1],
            redis_url=redis.url,
            artists=people,
            admin=admin,
            cohort=cohort,
            crew=crew,
        )
        _await_crew(made)
        yield made
    finally:
        stop(weights, signal.SIGKILL, grace=1)
        if crew is not None:
            stop(crew, signal.SIGTERM, grace=30)
        with suppress(ImportError):
            from django.db import connections

            connections.close_all()
        for server in reversed(servers):
            server.stop()


def _environment(var: Path, postgres: Postgres, redis: Redis) -> dict[str, str]:
    ours = ("GREENROOM_", "DATABASE_URL", "REDIS_URL", "DJANGO_")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {
        **clean,
        "DATABASE_URL": postgres.url,
        "REDIS_URL": redis.url,
        "DJANGO_SETTINGS_MODULE": "portal.config.settings",
        "GREENROOM_CATALOGUE": str(var / "catalogue"),
        "GREENROOM_DEMO": "1",
        "GREENROOM_DEVICE": "cpu",
        "GREENROOM_LEASE_SECONDS": str(LEASE_SECONDS),
        "GREENROOM_SECRET_KEY": secrets.token_urlsafe(48),
        "GREENROOM_VAR": str(var),
        # Two workers share the processors.
        "OMP_NUM_THREADS": "1",
        "PYTHONUNBUFFERED": "1",
        # So that what killed processes leave behind is found.
        "TMPDIR": str(var / "tmp"),
    }


def _save_models(
    var: Path, env: dict[str, str], models: Mapping[str, tuple[str, str]]
) -> subprocess.Popen[bytes]:
    """Write catalogue and weights; the process that makes these loads torch, ours does not."""
    from tests.generation.tiny import write_entry

    words = []
    for key, (family, sizes) in models.items():
        folder = var / "weights" / key
        words.append(f"{family}={folder}")
        write_entry(
            var / "catalogue" / f"{key}.toml",
            weights=folder,
            title=f'title = "{key}"',
            pipeline=f'pipeline = "{family}"',
            sizes=f"sizes = {sizes}",
            lengths="lengths = [9, 17]",
        )
    return Program(
        argv=(sys.executable, "-c", _SAVE, *words),
        cwd=BASE_DIR,
        log=var / "log" / "weights.log",
        env=env,
    ).start()


def _set_django_up(env: dict[str, str]) -> None:
    for name in [name for name in os.environ if name not in env]:
        del os.environ[name]
    os.environ.update({**env, "GREENROOM_LOG_LEVEL": "CRITICAL"})
    import django

    django.setup()


def _people(count: int, models: list[str]) -> tuple[User, Cohort, list[User]]:
    from portal.states import Role
    from tests.factories.portal import join, make_cohort, make_person

    admin = make_person("Alba Ferrari", role=Role.ADMIN)
    cohort = make_cohort(
        "Chaos",
        actor=admin,
        models_on_offer=models,
        seats=count,
        clips_waiting_per_artist=None,
        gpu_seconds_per_artist_week=1_000_000,
        gpu_seconds_of_cohort=10_000_000,
    )
    artists = [make_person(f"Artist {number}") for number in range(count)]
    for artist in artists:
        join(artist, cohort)
    return admin, cohort, artists


def _start_crew(var: Path, env: dict[str, str]) -> subprocess.Popen[bytes]:
    return Program(
        argv=(sys.executable, "-m", "bench.chaos.crew"),
        cwd=BASE_DIR,
        log=var / "log" / "crew.log",
        env=env,
        # Then the supervisor itself ends its children in order.
        death_signal=signal.SIGTERM,
    ).start()


def _await_crew(stage: Stage) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        stage.require_crew()
        if "up" in stage.crew_log.read_text().splitlines():
            return
        time.sleep(0.1)
    raise StageFailed(f"The workers did not become ready:\n{tail(stage.crew_log, 40)}")

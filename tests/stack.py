"""The whole product, started as an operator starts it, in a folder of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree

import pytest

from portal.config.env import BASE_DIR


def operators_environment(var: Path, **extra: str) -> dict[str, str]:
    """The environment of somebody who starts Greenroom on *var*, free of this test run's names."""
    names = ("GREENROOM_", "DATABASE_URL", "REDIS_URL", "DJANGO_", "OMP_NUM_THREADS")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(names)}
    ours = {
        "GREENROOM_VAR": str(var),
        "GREENROOM_PORT": "0",
        "GREENROOM_DECISION_UNDO_SECONDS": "0",
    }
    return {**clean, **ours, **extra}


def processes_of(var: Path) -> dict[int, str]:
    """Command lines of all processes that work on *var*, by process id."""
    needle = str(var).encode()
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        with suppress(OSError):
            command = (entry / "cmdline").read_bytes()
            if command and (needle in command or needle in (entry / "environ").read_bytes()):
                found[int(entry.name)] = command.replace(b"\0", b" ").decode().strip()
    return found


def wait_until_none(var: Path, seconds: float = 20) -> dict[int, str]:
    """The processes left on *var* once there are none, or after *seconds*."""
    deadline = time.monotonic() + seconds
    while (left := processes_of(var)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


@dataclass
class Stack:
    """One running `manage.py up`.

    Attributes:
        var: its folder.
        process: the supervisor.
        output: file of what it printed.
    """

    var: Path
    process: subprocess.Popen[bytes]
    output: Path

    @property
    def url(self) -> str:
        return str(self._announced()["url"])

    @property
    def people(self) -> dict[str, list[dict[str, str]]]:
        """E-mail addresses and passwords of the demo's people, by role."""
        people: dict[str, list[dict[str, str]]] = self._announced()["people"]  # type: ignore[assignment]
        return people

    def _announced(self) -> dict[str, object]:
        content: dict[str, object] = json.loads((self.var / "demo.json").read_text())
        return content

    def lines(self) -> list[str]:
        return self.output.read_text().splitlines()

    def wait_for_line(self, words: str, seconds: float = 240, times: int = 1) -> str:
        """The *times*-th line that holds *words*; fails with all output when it does not come."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            said = [line for line in self.lines() if words in line]
            if len(said) >= times:
                return said[times - 1]
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        pytest.fail(f"{words!r} was not said:\n" + "\n".join(self.lines()))

    def find(self, words: str) -> list[int]:
        """Ids of its processes whose command line holds *words*."""
        return [pid for pid, command in processes_of(self.var).items() if words in command]

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Send *how* and wait for the supervisor; its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(60)


@contextmanager
def folder() -> Iterator[Path]:
    """A folder that the servers' own account can enter, unlike pytest's ``tmp_path`` for root."""
    path = Path(tempfile.mkdtemp(prefix="greenroom-stack-"))
    path.chmod(0o755)
    try:
        yield path
    finally:
        rmtree(path, ignore_errors=True)


@contextmanager
def running(var: Path, *arguments: str, **extra: str) -> Iterator[Stack]:
    """Start `manage.py up` on *var*; it is ended on the way out, whatever happens."""
    output = var / "up.out"
    with output.open("wb") as sink:
        process = subprocess.Popen(
            [sys.executable, str(BASE_DIR / "manage.py"), "up", *arguments],
            cwd=BASE_DIR,
            env=operators_environment(var, **extra),
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
        )
    stack = Stack(var=var, process=process, output=output)
    try:
        yield stack
    finally:
        stack.end()


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The whole demo with its GPU worker, shared by every test that needs it."""
    with folder() as var, running(var) as started:
        started.wait_for_line("Greenroom is ready", seconds=400)
        yield started

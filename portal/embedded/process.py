"""Child processes that never outlive the process that started them."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from portal.embedded.account import Account

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(parent: int, death_signal: signal.Signals) -> None:
    """Ask the kernel to send *death_signal* to this process when *parent* is gone.

    To be called in the child after it has changed its user, since that clears the wish. The wish
    is tied to the parent's thread, so programs are started from its main thread.
    """
    _libc.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


@dataclass(frozen=True, kw_only=True)
class Program:
    """How to start one server or worker.

    Attributes:
        argv: program and arguments.
        cwd: its working folder.
        log: file its output is appended to.
        env: its whole environment.
        account: the account it changes to, or None to keep ours.
        stop_signal: asks it to end soon and in order.
        hurry_signal: makes it end at once, whatever it is doing.
        pass_fds: file descriptors it inherits.
        death_signal: what the kernel sends it when we die.
    """

    argv: tuple[str, ...]
    cwd: Path
    log: Path
    env: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    hurry_signal: signal.Signals = signal.SIGKILL
    pass_fds: tuple[int, ...] = ()
    death_signal: signal.Signals = signal.SIGKILL

    def start(self) -> subprocess.Popen[bytes]:
        """Start it in a session of its own, so that a terminal's Ctrl-C reaches only us."""
        parent = os.getpid()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        identity: dict[str, object] = {}
        if self.account is not None:
            identity = {"user": self.account.uid, "group": self.account.gid, "extra_groups": []}
        with self.log.open("ab") as log:
            return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
                self.argv,
                cwd=self.cwd,
                env=dict(self.env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=self.pass_fds,
                preexec_fn=lambda: die_with_parent(parent, self.death_signal),
                **identity,
            )


def stop(process: subprocess.Popen[bytes], stop_signal: signal.Signals, grace: float) -> None:
    """End *process*: *stop_signal*, then SIGKILL to its whole session after *grace* seconds."""
    if process.poll() is None:
        process.send_signal(stop_signal)
        try:
            process.wait(grace)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def wait_for(answers: Callable[[], bool], *, seconds: float) -> bool:
    """Ask *answers* until it says True; False when *seconds* went by first."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answers():
            return True
        time.sleep(0.03)
    return False


def processes_with(argument: str) -> Iterator[int]:
    """Ids of other processes that have *argument* among their command line's arguments."""
    wanted = argument.encode()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            if wanted in (entry / "cmdline").read_bytes().split(b"\0"):
                yield int(entry.name)


def end_leftovers(argument: str, stop_signal: signal.Signals) -> None:
    """End servers of an earlier run on the same data that are still closing down."""
    for attempt in (stop_signal, signal.SIGKILL):
        found = list(processes_with(argument))
        for pid in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, attempt)
        if not found or wait_for(lambda: not any(processes_with(argument)), seconds=8):
            return


def tail(log: Path, lines: int = 15) -> str:
    """The last *lines* of *log*."""
    if not log.is_file():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])

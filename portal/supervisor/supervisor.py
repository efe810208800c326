"""Starts parts, waits until they are ready, starts them again when they die, ends them all."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FrameType

from portal.embedded.errors import ServerFailed
from portal.embedded.process import Program, stop, tail, wait_for
from portal.supervisor.errors import AskedToEnd, CannotStart
from portal.supervisor.parts import Part, Step

_TICK = 0.05
_SAME_WISH = 0.5
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
_STEADY = 60.0
_MOST_FAILURES = 6


@dataclass
class _Member:
    """A part and its present process; *process* is None while it waits for its next start."""

    part: Part
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    ready: bool = False
    failures: int = 0
    next_start: float = 0.0


@dataclass
class _Errand:
    """A step that runs; *offset* is where its output begins in its log."""

    step: Step
    process: subprocess.Popen[bytes]
    offset: int

    @classmethod
    def begin(cls, step: Step) -> _Errand:
        log = step.program.log
        offset = log.stat().st_size if log.is_file() else 0
        return cls(step, step.program.start(), offset)

    def output(self) -> str:
        with self.step.program.log.open("rb") as log:
            log.seek(self.offset)
            return log.read().decode(errors="replace")


def _how_it_ended(code: int) -> str:
    if code >= 0:
        return f"ended with status {code}"
    with contextlib.suppress(ValueError):
        return f"was killed by {signal.Signals(-code).name}"
    return f"was killed by signal {-code}"


class Supervisor:
    """Owns the processes of one `up`.

    Args:
        say: shows one line to the person who started us.
        steady: seconds after its start from which a ready part's failures are forgotten.
        at_once: how many programs start side by side; as many as there are cores if not given.
    """

    def __init__(
        self,
        say: Callable[[str], None],
        *,
        steady: float = _STEADY,
        at_once: int | None = None,
    ) -> None:
        self._at_once = at_once or len(os.sched_getaffinity(0))
        self._say = say
        self._steady = steady
        self._members: list[_Member] = []
        self._asked = 0
        self._last_asked = -_SAME_WISH

    def listen_for_signals(self) -> None:
        """The first SIGINT, SIGTERM or SIGHUP ends in order, the second at once."""
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, self._on_signal)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        # `make` and the terminal may both pass on one and the same Ctrl-C.
        now = time.monotonic()
        if now - self._last_asked > _SAME_WISH:
            self._asked += 1
            self._last_asked = now

    def _tick(self) -> None:
        if self._asked:
            raise AskedToEnd
        time.sleep(_TICK)

    def announce(self, title: str, detail: str) -> None:
        self._say(f"  {title:<13} {detail}")

    def start(self, parts: Sequence[Part] = (), steps: Sequence[Step] = ()) -> None:
        """Start *parts* and *steps*; wait until the ones are ready and the others done.

        Parts begin in the order given, so the one that takes longest comes first. Each is
        announced as it becomes ready.

        Raises:
            CannotStart: when a part ends or takes longer than its patience, or a step fails.
            AskedToEnd: when a signal came.
        """
        errands = [_Errand.begin(step) for step in steps]
        try:
            to_come = list(parts)
            waiting: list[_Member] = []
            doing = list(errands)
            while to_come or waiting or doing:
                # More at once would only take each other's time, and the longest would end last.
                while to_come and len(waiting) + len(doing) < self._at_once:
                    waiting.append(self._admit(to_come.pop(0)))
                self._tick()
                doing = [errand for errand in doing if not self._was_done(errand)]
                for member in list(waiting):
                    if self._became_ready(member):
                        waiting.remove(member)
                    elif self._failed(member):
                        raise self._cannot_start(member)
        finally:
            for errand in errands:
                stop(errand.process, errand.step.program.stop_signal, grace=3)

    def _was_done(self, errand: _Errand) -> bool:
        step, code = errand.step, errand.process.poll()
        if code is None:
            return False
        output = errand.output()
        if code != 0:
            raise CannotStart(
                f"{step.title or 'A step'} failed: it {_how_it_ended(code)}.",
                log_tail="\n".join(output.splitlines()[-15:]),
                hint=step.hint or f"The whole log is {step.program.log}.",
            )
        step.after()
        if step.title:
            self.announce(step.title, step.detail(output))
        return True

    def _admit(self, part: Part) -> _Member:
        member = _Member(part)
        self._members.append(member)
        self._begin(member)
        return member

    def _begin(self, member: _Member) -> None:
        try:
            member.part.before()
        except ServerFailed as error:
            raise CannotStart(str(error), hint=error.hint) from error
        member.process = member.part.program.start()
        member.started = time.monotonic()
        member.ready = False

    def _became_ready(self, member: _Member) -> bool:
        detail = member.part.ready()
        if detail is None:
            return False
        member.ready = True
        again = "back: " if member.failures else ""
        self.announce(member.part.title, again + detail)
        return True

    def _failed(self, member: _Member) -> bool:
        """Whether it ended, or is alive but past its patience without being ready."""
        if member.process is None:
            return False
        if member.process.poll() is not None:
            return True
        late = time.monotonic() - member.started > member.part.patience
        return late and not member.ready

    def _cannot_start(self, member: _Member) -> CannotStart:
        process, part = member.process, member.part
        code = process.poll() if process else None
        how = "did not become ready" if code is None else _how_it_ended(code)
        return CannotStart(
            f"{part.title} could not start: it {how}.",
            log_tail=tail(part.program.log),
            hint=part.hint or f"The whole log is {part.program.log}.",
        )

    def watch(self) -> None:
        """Keep every part running until a signal comes.

        Raises:
            AskedToEnd: always, in the end.
            CannotStart: when a part has failed too often.
        """
        while True:
            self._tick()
            self._each_death(self._plan_restart)
            now = time.monotonic()
            for member in self._members:
                if member.process is None and now >= member.next_start:
                    self._begin(member)
                elif member.process is not None and not member.ready:
                    self._became_ready(member)
                elif member.ready and member.failures and now - member.started > self._steady:
                    member.failures = 0

    def _each_death(self, handle: Callable[[_Member], None]) -> None:
        for member in self._members:
            if self._failed(member):
                handle(member)

    def _plan_restart(self, member: _Member) -> None:
        process, part = member.process, member.part
        if process is None:
            return
        code = process.poll()
        how = "did not become ready" if code is None else _how_it_ended(code)
        member.failures += 1
        if member.failures > _MOST_FAILURES:
            raise self._cannot_start(member)
        pause = min(_FIRST_PAUSE * 2 ** (member.failures - 1), _LONGEST_PAUSE)
        self.announce(part.title, f"{how}; starting it again in {pause:g} s")
        stop(process, part.program.stop_signal, grace=3)
        member.process = None
        member.ready = False
        member.next_start = time.monotonic() + pause

    def end(self) -> None:
        """End all parts: those that use the servers first. A second signal hurries."""
        served = [member for member in self._members if not member.part.is_server]
        servers = [member for member in self._members if member.part.is_server]
        self._end_together(served, grace=4)
        for member in reversed(servers):
            self._end_together([member], grace=10)
        self._members.clear()

    def _end_together(self, members: Sequence[_Member], grace: float) -> None:
        running = [
            (member.part.program, member.process)
            for member in members
            if member.process is not None
        ]

        def send(number: Callable[[Program], signal.Signals]) -> None:
            for program, process in running:
                if process.poll() is None:
                    process.send_signal(number(program))

        def all_ended() -> bool:
            return all(process.poll() is not None for _, process in running)

        send(lambda program: program.stop_signal)
        wait_for(lambda: all_ended() or self._asked > 1, seconds=grace)
        send(lambda program: program.hurry_signal)
        wait_for(all_ended, seconds=2)
        for _, process in running:
            if process.poll() is None:
                process.kill()
            process.wait()
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)

"""The thread that keeps leases alive while the render loop is busy."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection

from generation.errors import LeaseLost, StepTooLong
from generation.queries import lease_verdicts
from generation.services import attempts
from generation.states import Heartbeat
from generation.worker.stop import Reason, StopRender

if TYPE_CHECKING:
    from generation.media.frames import ClipFrames, Frame

log = logging.getLogger(__name__)


class Pulse:
    """Renews the leases of *tokens* every quarter of *seconds*, on a connection of its own.

    Step callbacks are silent while a model loads, reads the prompt or decodes, so they cannot
    do this. When the database cannot be reached for as long as a lease lasts, all count as
    lost: by then another worker may have the clips. A lease that ended is told apart from the
    others; the render goes on as long as one of them holds.

    While a render is watched it also sees to it that each step ends in time. A device that hangs
    keeps its thread inside a call that no exception reaches, and its memory with it; only the end
    of the process frees both. So the attempts are ended with their reason first, and then *abandon*
    is called, which ends the process for whoever watches over it to start again.
    """

    def __init__(
        self,
        *,
        tokens: Collection[UUID],
        seconds: int,
        abandon: Callable[[], None] | None = None,
    ) -> None:
        self._seconds = seconds
        self._abandon = abandon
        self._limit = math.inf
        self._moved_at = time.monotonic()
        self._verdicts = dict.fromkeys(tokens, Heartbeat.OK)
        self._renewed_at = time.monotonic()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pulse", daemon=True)

    def __enter__(self) -> Pulse:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    @property
    def alive(self) -> bool:
        """Whether any of the leases may still be ours."""
        return bool(self._held) and self._in_time

    def holds(self, token: UUID) -> bool:
        """Whether this lease may still be ours."""
        return self._verdicts[token] is Heartbeat.OK and self._in_time

    def check(self, token: UUID | None = None) -> None:
        """Raises:
        StopRender: when the clip of *token*, without it each clip, was cancelled or lost.
        """
        asked = self._verdicts.values() if token is None else [self._verdicts[token]]
        if Heartbeat.OK not in asked:
            raise StopRender(Reason.CANCELLED if Heartbeat.CANCEL in asked else Reason.LOST)
        if not self._in_time:
            raise StopRender(Reason.LOST)

    def lost(self, token: UUID) -> None:
        """The database refused this lease, whatever it said of it before."""
        self._heard({token: Heartbeat.LOST})

    @contextmanager
    def watching(self, limit: float) -> Iterator[None]:
        """Inside, no two calls of :meth:`moved` may lie further apart than *limit* seconds."""
        self.moved()
        self._limit = limit
        try:
            yield
        finally:
            self._limit = math.inf

    def moved(self) -> None:
        """The render came one step further."""
        self._moved_at = time.monotonic()

    def look(self, token: UUID | None = None) -> None:
        """Ask the database, now, whether the leases still hold; cheap enough for every step.

        Raises:
            StopRender: as :meth:`check` does.
        """
        try:
            self._heard(lease_verdicts(self._held))
        except (OperationalError, InterfaceError) as error:
            log.warning("the leases could not be read: %s", error)
            connection.close()
        self.check(token)

    @property
    def _held(self) -> list[UUID]:
        return [token for token, verdict in self._verdicts.items() if verdict is Heartbeat.OK]

    @property
    def _in_time(self) -> bool:
        return time.monotonic() - self._renewed_at < self._seconds

    def _beat(self) -> None:
        asked_at = time.monotonic()
        answers = attempts.heartbeats(tokens=self._held)
        if Heartbeat.OK in answers.values():
            self._renewed_at = asked_at
        self._heard(answers)

    def _heard(self, answers: Mapping[UUID, Heartbeat]) -> None:
        # Two threads ask. An attempt that ended stays ended, so a late OK changes nothing.
        for token, answer in answers.items():
            if self._verdicts[token] is Heartbeat.OK:
                self._verdicts[token] = answer

    def _run(self) -> None:
        try:
            # Also for clips that were cancelled or lost: their step must end as well.
            while not self._ended.wait(min(self._seconds / 4, self._limit)):
                try:
                    if time.monotonic() - self._moved_at > self._limit:
                        self._give_up()
                        return
                    if self._held:
                        self._beat()
                except (OperationalError, InterfaceError) as error:
                    log.warning("a heartbeat did not reach the database: %s", error)
                    connection.close()
        finally:
            connection.close()

    def _give_up(self) -> None:
        log.critical("a step took longer than %g s: the device hangs", self._limit)
        # Of several, nobody knows by which it hangs.
        end = attempts.fail if len(self._verdicts) == 1 else attempts.put_back
        for token in self._held:
            try:
                end(token=token, error=StepTooLong())
            except (LeaseLost, OperationalError, InterfaceError) as error:
                # Then the lease runs out by itself.
                log.warning("the attempt could not be ended: %s", error)
            self._heard({token: Heartbeat.LOST})
        if self._abandon is not None:
            self._abandon()


def watched(
    frames: ClipFrames, pulse: Pulse, *, limit: float, look: Callable[[], None]
) -> Iterator[Frame]:
    """*frames*, each made in at most *limit* seconds, and *look* before each may raise to stop."""
    rest = iter(frames)
    while True:
        look()
        with pulse.watching(limit):
            frame = next(rest, None)
        if frame is None:
            return
        yield frame

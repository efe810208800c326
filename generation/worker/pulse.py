"""The thread that keeps a lease alive while the render loop is busy."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection

from generation.errors import LeaseLost, StepTooLong
from generation.queries import lease_verdict
from generation.services import attempts
from generation.states import Heartbeat
from generation.worker.stop import Reason, StopRender

if TYPE_CHECKING:
    from generation.media.frames import ClipFrames, Frame

log = logging.getLogger(__name__)

_REASONS = {Heartbeat.CANCEL: Reason.CANCELLED, Heartbeat.LOST: Reason.LOST}


class Pulse:
    """Renews the lease of *token* every quarter of its *seconds*, on its own connection.

    Step callbacks are silent while a model loads, reads the prompt or decodes, so they cannot
    do this. When the database cannot be reached for as long as the lease lasts, the lease counts
    as lost: by then another worker may have the clip.

    While a render is watched it also sees to it that each step ends in time. A device that hangs
    keeps its thread inside a call that no exception reaches, and its memory with it; only the end
    of the process frees both. So the attempt is ended with its reason first, and then *abandon*
    is called, which ends the process for whoever watches over it to start again.
    """

    def __init__(
        self, *, token: UUID, seconds: int, abandon: Callable[[], None] | None = None
    ) -> None:
        self._token = token
        self._seconds = seconds
        self._abandon = abandon
        self._limit = math.inf
        self._moved_at = time.monotonic()
        self._verdict = Heartbeat.OK
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
        """Whether the lease may still be ours."""
        in_time = time.monotonic() - self._renewed_at < self._seconds
        return self._verdict is Heartbeat.OK and in_time

    def check(self) -> None:
        """Raises:
        StopRender: when the clip was cancelled or the lease is lost.
        """
        if self._verdict is not Heartbeat.OK:
            raise StopRender(_REASONS[self._verdict])
        if not self.alive:
            raise StopRender(Reason.LOST)

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

    def look(self) -> None:
        """Ask the database, now, whether the lease still holds; cheap enough for every step.

        Raises:
            StopRender: when the clip was cancelled or the lease is lost.
        """
        try:
            self._heard(lease_verdict(self._token))
        except (OperationalError, InterfaceError) as error:
            log.warning("the lease could not be read: %s", error)
            connection.close()
        self.check()

    def _beat(self) -> None:
        asked_at = time.monotonic()
        answer = attempts.heartbeat(token=self._token)
        if answer is Heartbeat.OK:
            self._renewed_at = asked_at
        self._heard(answer)

    def _heard(self, answer: Heartbeat) -> None:
        # Two threads ask. An attempt that ended stays ended, so a late OK changes nothing.
        if answer is not Heartbeat.OK:
            self._verdict = answer

    def _run(self) -> None:
        try:
            # Also for a clip that was cancelled or lost: its step must end as well.
            while not self._ended.wait(min(self._seconds / 4, self._limit)):
                try:
                    if time.monotonic() - self._moved_at > self._limit:
                        self._give_up()
                        return
                    if self._verdict is Heartbeat.OK:
                        self._beat()
                except (OperationalError, InterfaceError) as error:
                    log.warning("a heartbeat did not reach the database: %s", error)
                    connection.close()
        finally:
            connection.close()

    def _give_up(self) -> None:
        log.critical("a step took longer than %g s: the device hangs", self._limit)
        try:
            attempts.fail(token=self._token, error=StepTooLong())
        except (LeaseLost, OperationalError, InterfaceError) as error:
            # Then the lease runs out by itself.
            log.warning("the attempt could not be ended: %s", error)
        self._heard(Heartbeat.LOST)
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

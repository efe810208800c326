"""The thread that keeps a lease alive while the render loop is busy."""

from __future__ import annotations

import logging
import threading
import time
from types import TracebackType
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection

from generation.queries import lease_verdict
from generation.services import attempts
from generation.states import Heartbeat
from generation.worker.stop import Reason, StopRender

log = logging.getLogger(__name__)

_REASONS = {Heartbeat.CANCEL: Reason.CANCELLED, Heartbeat.LOST: Reason.LOST}


class Pulse:
    """Renews the lease of *token* every quarter of its *seconds*, on its own connection.

    Step callbacks are silent while a model loads, reads the prompt or decodes, so they cannot
    do this. When the database cannot be reached for as long as the lease lasts, the lease counts
    as lost: by then another worker may have the clip.
    """

    def __init__(self, *, token: UUID, seconds: int) -> None:
        self._token = token
        self._seconds = seconds
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

    def _beat(self) -> Heartbeat:
        asked_at = time.monotonic()
        answer = attempts.heartbeat(token=self._token)
        if answer is Heartbeat.OK:
            self._renewed_at = asked_at
        self._heard(answer)
        return answer

    def _heard(self, answer: Heartbeat) -> None:
        # Two threads ask. An attempt that ended stays ended, so a late OK changes nothing.
        if answer is not Heartbeat.OK:
            self._verdict = answer

    def _run(self) -> None:
        try:
            while not self._ended.wait(self._seconds / 4):
                try:
                    if self._beat() is not Heartbeat.OK:
                        return
                except (OperationalError, InterfaceError) as error:
                    log.warning("a heartbeat did not reach the database: %s", error)
                    connection.close()
        finally:
            connection.close()

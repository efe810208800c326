"""Threads that do one thing again and again, also while the database is away."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)


class Helper:
    """Calls *step* every *pause* seconds until :meth:`end`.

    What the database's absence raises is passed over; any other error is kept and raised by
    :meth:`check`.
    """

    def __init__(self, name: str, step: Callable[[], None], *, pause: float) -> None:
        self._step = step
        self._pause = pause
        self._ended = threading.Event()
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> Helper:
        self._thread.start()
        return self

    def end(self) -> None:
        self._ended.set()
        self._thread.join()
        self.check()

    def check(self) -> None:
        """Raise what the thread died of."""
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        from django.db import InterfaceError, OperationalError, connection

        try:
            while not self._ended.wait(self._pause):
                try:
                    self._step()
                except (OperationalError, InterfaceError):
                    connection.close()
        # A thread cannot raise into the one that waits for it, so whatever it is is handed over.
        except Exception as error:
            log.exception("%s: broke", self._thread.name)
            self._error = error
        finally:
            connection.close()

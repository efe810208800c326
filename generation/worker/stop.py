"""Why a render stops before its end."""

from __future__ import annotations

from enum import Enum


class Reason(Enum):
    CANCELLED = "cancelled"
    LOST = "lost"
    SHUTDOWN = "shutdown"


class StopRender(Exception):
    """Raised inside a step of a render to stop it there."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason.value)

"""Why the whole ends."""

from __future__ import annotations


class CannotStart(RuntimeError):
    """Something is wrong that waiting does not mend.

    Attributes:
        log_tail: the last lines of the part's log, or "".
        hint: what a person can do about it, or "".
    """

    def __init__(self, message: str, *, log_tail: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.log_tail = log_tail
        self.hint = hint


class AskedToEnd(Exception):
    """Somebody asked us to end."""

"""What goes wrong when a server is started."""

from __future__ import annotations


class ServerFailed(RuntimeError):
    """A server did not start.

    Attributes:
        hint: what a person can do about it, or "".
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

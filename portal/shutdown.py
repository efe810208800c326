"""Whether this process was told to shut down: long jobs look between two pieces of their work."""

from __future__ import annotations

import threading

_told = threading.Event()


def tell() -> None:
    """From now on no job of this process begins another piece of work."""
    _told.set()


def is_told() -> bool:
    return _told.is_set()

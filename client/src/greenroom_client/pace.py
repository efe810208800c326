"""Waiting, in one place."""

from __future__ import annotations

import time


def wait(seconds: float) -> None:
    time.sleep(seconds)

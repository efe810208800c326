"""Deletes what a demo has made."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

from portal.config.env import read_env_file
from portal.embedded.ground import fallback_data
from portal.embedded.process import end_leftovers
from portal.supervisor.errors import CannotStart
from portal.supervisor.lock import VarLock

# By name: GREENROOM_VAR may have been pointed at a folder that holds more than ours.
_FOLDERS = ("log", "log-heads", "media", "outbox", "postgres", "ready", "redis", "run", "static")
_FILES = ("demo.json", "greenroom.env")


def forget(var: Path) -> None:
    """Delete everything that a demo on *var* made.

    Raises:
        CannotStart: while an `up` runs on it, and when it holds no demo.
    """
    if not var.is_dir():
        return
    with VarLock(var):
        remembered = read_env_file(var / "greenroom.env")
        if remembered.get("GREENROOM_DEMO", "1") != "1":
            raise CannotStart(
                f"{var} holds real people's data, no demo.",
                hint="Delete it by hand if you mean it.",
            )
        for home in (var, fallback_data(var)):
            if not home.is_dir():
                continue
            end_leftovers(str(home / "postgres"), signal.SIGINT)
            end_leftovers(str(home / "redis" / "redis.conf"), signal.SIGTERM)
            for name in _FOLDERS:
                shutil.rmtree(home / name, ignore_errors=True)
        for name in _FILES:
            (var / name).unlink(missing_ok=True)

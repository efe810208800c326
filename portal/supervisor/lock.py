"""One `up` per folder: a lock that the kernel drops when its holder dies."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from types import TracebackType

from portal.supervisor.errors import CannotStart


class VarLock:
    """Holds ``up.lock`` in *var*; the file says who holds it."""

    def __init__(self, var: Path) -> None:
        self._path = var / "up.lock"
        self._file: int | None = None

    def __enter__(self) -> VarLock:
        """Take the lock.

        Raises:
            CannotStart: when another process has it, naming that process and its URL.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            raise CannotStart(
                f"Greenroom already runs on {self._path.parent}: {self._holder()}.",
                hint="End that one first, or choose another folder with GREENROOM_VAR.",
            ) from None
        self._file = file
        self.note(url="")
        return self

    def _holder(self) -> str:
        try:
            holder = json.loads(self._path.read_text())
            return f"process {holder['pid']}, {holder['url'] or 'still starting'}"
        except (OSError, ValueError, KeyError):
            return "a process that is just starting"

    def note(self, *, url: str) -> None:
        """Tell those who come later where we answer."""
        if self._file is None:
            raise ValueError("the lock is not held")
        content = json.dumps({"pid": os.getpid(), "url": url}).encode()
        os.pwrite(self._file, content, 0)
        os.ftruncate(self._file, len(content))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            os.ftruncate(self._file, 0)
            os.close(self._file)
            self._file = None

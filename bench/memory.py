"""How much memory this process took at most."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Peak:
    """``mib``: what a stretch of work added at most to the memory held before it, in MiB."""

    mib: int = 0


@contextmanager
def added_at_most() -> Iterator[Peak]:
    """Measure what the block adds to this process's resident memory (Linux).

    Raises:
        OSError: where the kernel does not keep the figures.
    """
    gc.collect()
    # 5 makes the kernel forget the highest figure so far.
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before = _status("VmRSS")
    peak = Peak()
    yield peak
    peak.mib = (_status("VmHWM") - before) // 1024


def _status(field: str) -> int:
    """In KiB."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        name, _colon, value = line.partition(":")
        if name == field:
            return int(value.split()[0])
    raise OSError(f"/proc/self/status has no {field}")

"""Which device this worker renders on."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import torch


def choose(wanted: str) -> torch.device:
    """*wanted* is ``auto``, ``cpu``, ``cuda`` or ``cuda:1``; auto takes a GPU when there is one."""
    if wanted == "auto":
        return torch.device("cuda:0" if torch.cuda.is_available() else "cpu")
    return torch.device(wanted)


def name_of(device: torch.device) -> str:
    if device.type == "cuda":
        return f"{device} ({torch.cuda.get_device_name(device)})"
    return str(device)


def memory_of(device: torch.device) -> int:
    """All of the device's memory in bytes; on the CPU, the machine's."""
    if device.type == "cuda":
        return int(torch.cuda.get_device_properties(device).total_memory)
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def free_of(device: torch.device) -> int:
    """Bytes that can still be had: on a GPU with what torch keeps in reserve."""
    if device.type == "cuda":
        free, _total = torch.cuda.mem_get_info(device)
        kept = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return int(free + kept)
    return _bytes_in(Path("/proc/meminfo"), "MemAvailable") or memory_of(device)


def peak_during(device: torch.device, act: Callable[[], object]) -> int:
    """Bytes that *act* takes at most beside what is taken now.

    On a CPU, of this whole process; 0 where the system is not Linux and does not tell.
    """
    if device.type == "cuda":
        torch.cuda.synchronize(device)
        torch.cuda.reset_peak_memory_stats(device)
        before = torch.cuda.memory_allocated(device)
        act()
        torch.cuda.synchronize(device)
        return int(torch.cuda.max_memory_allocated(device)) - before
    status = Path("/proc/self/status")
    # Without leave to forget the greatest size so far (proc(5), clear_refs) the answer is too
    # large, which is the safe side.
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    before = _bytes_in(status, "VmRSS")
    act()
    return max(_bytes_in(status, "VmHWM") - before, 0)


def _bytes_in(path: Path, name: str) -> int:
    """The line ``name: 12 kB`` of one of Linux' files; 0 where there is no such file."""
    if not path.is_file():
        return 0
    lines = path.read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))

"""Which device this worker renders on."""

from __future__ import annotations

import os

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

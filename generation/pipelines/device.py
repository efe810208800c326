"""Which device this worker renders on."""

from __future__ import annotations

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

"""The models on offer: one TOML file each, read and checked at first use."""

from generation.catalogue.adapters import Adapter, Bounds
from generation.catalogue.entries import (
    Entry,
    Size,
    adapters_for,
    catalogue,
    entry,
    model_choices,
    offered,
)

__all__ = [
    "Adapter",
    "Bounds",
    "Entry",
    "Size",
    "adapters_for",
    "catalogue",
    "entry",
    "model_choices",
    "offered",
]

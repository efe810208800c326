"""The models on offer: one TOML file each, read and checked at first use."""

from generation.catalogue.entries import (
    Bounds,
    Entry,
    Size,
    catalogue,
    entry,
    model_choices,
    offered,
)

__all__ = ["Bounds", "Entry", "Size", "catalogue", "entry", "model_choices", "offered"]

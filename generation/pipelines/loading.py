"""From a catalogue entry to a model on a device."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from generation.errors import ModelUnavailable, RenderError
from generation.pipelines import weights

if TYPE_CHECKING:
    from generation.catalogue import Entry
    from generation.pipelines.base import LoadedModel


def load(entry: Entry) -> LoadedModel:
    """Load *entry* on this worker's device; its weights are hashed on the way.

    Raises:
        ModelUnavailable: when weights or classes cannot be loaded; the cause says why.
        WeightsChanged: when the weights are not those the catalogue pins.
    """
    if entry.weights.folder is not None:
        # Local weights need no hub, and a demo must not phone anyone.
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    try:
        from generation.pipelines.checking import check
        from generation.pipelines.registry import model_class

        check(entry)
        folder = weights.local_folder(entry.weights)
        digest = weights.verified(entry.weights, folder)
        for module in entry.weights.imports:
            importlib.import_module(module)
        return model_class(entry.pipeline)(entry, folder=folder, weights_sha256=digest)
    except RenderError:
        raise
    # Loading runs classes and files that the catalogue names: whatever they raise means that
    # this entry is no use here, and the cause is kept for the log.
    except Exception as error:
        raise ModelUnavailable from error


def check_all(entries: Iterable[Entry]) -> None:
    """Raises:
    CatalogueInvalid: for the first entry that asks for what the installed libraries lack.
    """
    from generation.pipelines.checking import check

    for entry in entries:
        check(entry)


def footprint(entry: Entry) -> int:
    """Bytes that *entry* is expected to take: what it says, else the size of its weights' files.

    Raises:
        ModelUnavailable: when its weights cannot be had.
    """
    if entry.runtime.memory_gib is not None:
        return int(entry.runtime.memory_gib * 2**30)
    folder = weights.local_folder(entry.weights)
    return sum(path.stat().st_size for path in folder.rglob("*.safetensors"))

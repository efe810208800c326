"""From a catalogue entry to a model on a device."""

from __future__ import annotations

import importlib
import os
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
    folder = weights.local_folder(entry.weights)
    digest = weights.verified(entry.weights, folder)
    try:
        for module in entry.weights.imports:
            importlib.import_module(module)
        from generation.pipelines.wan import WanModel

        return WanModel(entry, folder=folder, weights_sha256=digest)
    except RenderError:
        raise
    # Loading runs classes and files that the catalogue names: whatever they raise means that
    # this entry is no use here, and the cause is kept for the log.
    except Exception as error:
        raise ModelUnavailable from error

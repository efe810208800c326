"""The models a worker holds on its device."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from generation.pipelines.loading import footprint, load

if TYPE_CHECKING:
    from generation.catalogue import Entry
    from generation.pipelines.base import LoadedModel

log = logging.getLogger(__name__)


class WarmModels:
    """Holds as many models as fit into *budget* bytes, the one used longest ago leaves first.

    One model is held in any case: with a budget of 0 exactly one, the last used.
    """

    def __init__(self, *, budget: int) -> None:
        self._budget = budget
        self._held: OrderedDict[str, tuple[LoadedModel, int]] = OrderedDict()

    @property
    def keys(self) -> Sequence[str]:
        """Keys of the models that are loaded, the last used one last."""
        return tuple(self._held)

    @property
    def last(self) -> LoadedModel | None:
        """The model used last, or None when none is loaded."""
        return next((model for model, _size in reversed(self._held.values())), None)

    def find(self, key: str) -> LoadedModel | None:
        """The model of that key, if it is held."""
        model, _size = self._held.get(key, (None, 0))
        return model

    def get(self, wanted: Entry) -> LoadedModel:
        """The model of *wanted*, loaded if it is not, after others made room.

        Raises:
            RenderError: ``ModelUnavailable`` or ``WeightsChanged``.
        """
        held = self._held.get(wanted.key)
        if held is not None and held[0].entry == wanted:
            self._held.move_to_end(wanted.key)
            return held[0]
        self.drop(wanted.key)
        needs = footprint(wanted)
        self._make_room(needs)
        model = load(wanted)
        self.hold(model, max(needs, model.memory_bytes))
        return model

    def hold(self, model: LoadedModel, size: int) -> None:
        """Keep a loaded *model* of *size* bytes; others leave when it is larger than expected."""
        self._make_room(size)
        self._held[model.entry.key] = (model, size)

    def drop(self, key: str) -> None:
        """Let go of one model; the next clip that needs it loads afresh."""
        model, _size = self._held.pop(key, (None, 0))
        if model is not None:
            model.close()

    def drop_all(self) -> None:
        for key in self.keys:
            self.drop(key)

    def _make_room(self, needs: int) -> None:
        while self._held and sum(size for _, size in self._held.values()) + needs > self._budget:
            oldest = next(iter(self._held))
            log.info("%s leaves the device", oldest)
            self.drop(oldest)

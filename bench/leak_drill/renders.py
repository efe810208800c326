"""At which step the renders of one key were when it was frozen, and how much further they went."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from types import TracebackType

    from generation.models import Clip
    from portal.models import AccessKey

_PAUSE_SECONDS = 0.04


@dataclass(frozen=True, kw_only=True)
class Stop:
    """One render that the freeze cut short.

    Attributes:
        at_freeze: steps that were done when the key was frozen, as far as workers tell.
        done: steps that were ever told as done; the next one was in progress and ended the render.
        steps: how many there would have been.
        told_every: by how many steps the worker tells at once; 1 unless steps are very short.
    """

    at_freeze: int
    done: int
    steps: int
    told_every: int

    @property
    def is_within_one_step(self) -> bool:
        """A step that is told after the freeze asked whether it may go on just before it."""
        return self.done - self.at_freeze <= self.told_every and self.done < self.steps


@dataclass(kw_only=True)
class Renders:
    """Inside, keeps when each step of each render with *key* was told, as pages are told it."""

    key: AccessKey
    told: dict[UUID, list[tuple[float, int]]] = field(default_factory=dict)

    def __enter__(self) -> Renders:
        self._ended = threading.Event()
        self._clips: dict[UUID, Clip] = {}
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    def have_begun(self) -> bool:
        """Whether a worker has told a step."""
        return any(steps[-1][1] > 0 for steps in list(self.told.values()))

    def stops(self, frozen_at: float) -> list[Stop]:
        """Of the renders that were under way at *frozen_at* (seconds since 1970)."""
        found = []
        for pk, steps in self.told.items():
            before = [step for at, step in steps if at <= frozen_at]
            numbers = [step for _at, step in steps]
            if not before:
                continue
            gaps = [later - step for step, later in pairwise(numbers)]
            found.append(
                Stop(
                    at_freeze=before[-1],
                    done=numbers[-1],
                    steps=self._clips[pk].steps,
                    told_every=max(gaps, default=1),
                )
            )
        return found

    def _run(self) -> None:
        from django.db import connection

        from generation.models import Clip
        from generation.states import ClipState

        rendering = Clip.objects.filter(access_key=self.key, state=ClipState.RENDERING)
        try:
            while not self._ended.wait(_PAUSE_SECONDS):
                # One that was cancelled is asked for on: its row as it was still reads its steps.
                self._clips |= {clip.pk: clip for clip in rendering.all()}
                self._read()
        finally:
            connection.close()

    def _read(self) -> None:
        from generation.progress import progress_of

        now = time.time()
        for pk, progress in progress_of(self._clips.values()).items():
            steps = self.told.setdefault(pk, [])
            if not steps or steps[-1][1] != progress.step:
                steps.append((now, progress.step))

"""How far renders are, from the worker that makes them to every page that is open.

A step is told through Redis and never written to the database; the row keeps the state. A page
that finds nothing here, because Redis is away or was emptied, shows the state alone.
"""

from __future__ import annotations

import json
import logging
import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection

from generation import ephemeral
from generation.models import Clip
from generation.queries import learnt_costs
from generation.states import ClipState

log = logging.getLogger(__name__)

# A bar that moves three times a second looks live; more shows nobody anything.
REPORT_SECONDS = 0.3
# A single step may take minutes; what outlives its render is not read.
KEPT_SECONDS = 1800


@dataclass(frozen=True, kw_only=True)
class Progress:
    """*step* of *steps* is done; ``seconds_left`` until the clip is ready, None when not known."""

    step: int
    steps: int
    seconds_left: int | None

    @property
    def percent(self) -> int:
        return round(100 * self.step / self.steps)


def tell(clips: Iterable[Clip], *, step: int, seconds_left: float | None) -> None:
    """Say that the renders of *clips* have done *step* of their steps."""
    left = None if seconds_left is None else max(math.ceil(seconds_left), 0)
    told = json.dumps({"step": step, "left": left})
    ephemeral.keep({_key(clip): told for clip in clips}, seconds=KEPT_SECONDS)


def progress_of(clips: Iterable[Clip]) -> dict[UUID, Progress]:
    """How far those of *clips* are that render now, as far as is known."""
    rendering = [clip for clip in clips if clip.state in _TOLD]
    found = ephemeral.recall([_key(clip) for clip in rendering])
    return {
        clip.pk: _read(clip, text)
        for clip, text in zip(rendering, found, strict=True)
        if text is not None
    }


class Reporter:
    """Tells the pages how far the render of *clips*, one batch, has come; called after every step.

    The time left is the pace of the steps so far, without the first, which also reads the prompt
    and warms up; and what clips of this shape took beside their steps before, on *device*.

    Args:
        clock: monotonic seconds.
    """

    def __init__(
        self,
        clips: Sequence[Clip],
        *,
        device: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clips = clips
        self._steps = clips[0].steps
        self._clock = clock
        self._usual = _usual_seconds(clips[0], device)
        self._began = clock()
        self._first: float | None = None
        self._told = -math.inf

    def step(self, step: int) -> None:
        """*step* of the render is done; 0 when it begins."""
        now = self._clock()
        if step and self._first is None:
            self._first = now
        if 0 < step < self._steps and now - self._told < REPORT_SECONDS:
            return
        self._told = now
        tell(self._clips, step=step, seconds_left=self._left(step, now))

    def _left(self, step: int, now: float) -> float | None:
        if step < 2 or self._first is None:
            return None if self._usual is None else self._usual - (now - self._began)
        pace = (now - self._first) / (step - 1)
        beside = 0.0
        if self._usual is not None:
            # Costs are learnt and may be off; steps are the greater part of a render.
            beside = min(max(self._usual - pace * self._steps, 0.0), self._usual / 2)
        return pace * (self._steps - step) + beside


# Decoding and encoding follow the last step.
_TOLD = {ClipState.RENDERING, ClipState.ENCODING}


def _key(clip: Clip) -> str:
    """By the attempt: every claim sets the time of the start anew, by the database's clock."""
    began = clip.started_at.astimezone(UTC).isoformat() if clip.started_at else "never"
    return f"progress:{clip.pk}:{began}"


def _read(clip: Clip, text: str) -> Progress:
    held = json.loads(text)
    return Progress(step=held["step"], steps=clip.steps, seconds_left=held["left"])


def _usual_seconds(clip: Clip, device: str) -> float | None:
    shape = (clip.model_key, clip.width, clip.height, clip.frames, clip.steps)
    try:
        known: Decimal | None = learnt_costs([shape], device=device).get(shape)
    except (OperationalError, InterfaceError) as error:
        log.warning("what such clips take could not be read: %s", error)
        connection.close()
        return None
    return None if known is None else float(known)

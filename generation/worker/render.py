"""Clips from their leases to their files: one, or several in one call of the pipeline."""

from __future__ import annotations

import functools
import logging
import threading
import time
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.conf import settings

from generation.batches import batch_key
from generation.catalogue import Entry, entry
from generation.errors import (
    LeaseLost,
    ModelNotOffered,
    ModelUnavailable,
    OutOfMemory,
    RenderError,
)
from generation.pipelines.base import Job
from generation.queries import seconds_of_those_who_left
from generation.scheduling import split
from generation.services import attempts
from generation.states import ClipState
from generation.worker.lead import require_lead
from generation.worker.pulse import Pulse
from generation.worker.rooms import Rooms, usual_key
from generation.worker.start import adapter_of, input_of
from generation.worker.stop import Reason, StopRender
from generation.worker.storing import Made, keep
from generation.worker.telling import each_step, end, report
from generation.worker.warm import WarmModels

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from generation.batches import BatchKey
    from generation.media.frames import ClipFrames
    from generation.models import Clip
    from generation.pipelines.base import LoadedModel
    from generation.services.attempts import Lease

log = logging.getLogger(__name__)


class Renderer:
    """Renders leases with the models it holds.

    Args:
        abandon: ends this process when a device hangs in the middle of a step; without it the
            attempt is ended and the thread left to itself.
    """

    def __init__(
        self,
        *,
        worker: str,
        stopping: threading.Event,
        abandon: Callable[[], None] | None = None,
    ) -> None:
        self._worker = worker
        self._stopping = stopping
        self._abandon = abandon
        self.models = WarmModels(budget=settings.GENERATION_WARM_GIB * 2**30)
        self.rooms = Rooms()

    @property
    def held(self) -> LoadedModel | None:
        """The model used last; None before the first and after an accident."""
        return self.models.last

    @property
    def together(self) -> int:
        """How many clips of the usual size the model used last renders in one call."""
        return self.room(usual_key(self.held.entry)) if self.held is not None else 1

    def room(self, key: BatchKey) -> int:
        """How many clips of *key* can be rendered in one call; 1 while its model is not held."""
        model = self.models.find(key.model_key)
        return self.rooms.of(model, key) if model is not None else 1

    def warm(self, wanted: Entry) -> LoadedModel:
        """The model of *wanted*, loaded if it is not, and what it needs for a batch known.

        Raises:
            RenderError: ``ModelUnavailable`` or ``WeightsChanged``.
        """
        model = self.models.get(wanted)
        if not self.rooms.measure(model):
            self.models.drop(wanted.key)
            model = self.models.get(wanted)
        return model

    def render(self, *leases: Lease) -> None:
        """Render and store the clips of *leases* in one call, or end their attempts.

        All of them have the same batch key. What befalls one of them before or after the call is
        its own; when the call breaks, all of several are put back and will be rendered alone.
        """
        tokens = [lease.token for lease in leases]
        log.info("%s: begins", _names(leases))
        with Pulse(tokens=tokens, seconds=leases[0].seconds, abandon=self._abandon) as pulse:
            made: list[Made] = []
            with self._ending(leases, pulse):
                model = self._model(leases[0].clip)
                pulse.look()
                made = self._call(model, leases, pulse)
            while made:
                one = made.pop(0)
                with self._ending([one.lease], pulse, took=one.share):
                    keep(one, model, pulse, worker=self._worker, stopping=self._stopping)
                if self.models.find(model.entry.key) is not model:
                    # Frames are decoded while they are read, and what would decode them is gone.
                    self._put_back([other.lease for other in made], pulse, RenderError())
                    made = []

    @contextmanager
    def _ending(
        self, leases: Sequence[Lease], pulse: Pulse, *, took: Decimal | None = None
    ) -> Iterator[None]:
        """Whatever is raised inside ends the attempts of *leases* with the reason."""
        try:
            yield
        except StopRender as stop:
            log.info("%s: stops, %s", _names(leases), stop.reason.value)
            if stop.reason is Reason.SHUTDOWN:
                self._end(leases, pulse, lambda lease: attempts.hand_back(token=lease.token))
        except LeaseLost:
            log.info("%s: no longer ours", _names(leases))
        except RenderError as error:
            log.warning("%s: %s", _names(leases), error, exc_info=error)
            if isinstance(error, OutOfMemory):
                # All of them: what else was held may be why this one did not fit.
                self.models.drop_all()
                if len(leases) > 1:
                    self.rooms.halve(batch_key(leases[0].clip), len(leases))
            self._fail(leases, pulse, error, took)
        # A render runs other people's code on hardware: whatever it raises must end these
        # attempts with a typed failure and leave the worker fit for the next clip.
        except Exception as error:
            log.exception("%s: failed", _names(leases))
            self.models.drop(leases[0].clip.model_key)
            unexpected = RenderError()
            unexpected.__cause__ = error
            self._fail(leases, pulse, unexpected, took)

    def _fail(
        self, leases: Sequence[Lease], pulse: Pulse, error: RenderError, took: Decimal | None
    ) -> None:
        if len(leases) == 1:
            self._end(
                leases,
                pulse,
                lambda lease: attempts.fail(token=lease.token, error=error, gpu_seconds=took),
            )
        else:
            self._put_back(leases, pulse, error)

    def _put_back(self, leases: Sequence[Lease], pulse: Pulse, error: RenderError) -> None:
        self._end(leases, pulse, lambda lease: attempts.put_back(token=lease.token, error=error))

    def _end(self, leases: Sequence[Lease], pulse: Pulse, say: Callable[[Lease], object]) -> None:
        for lease in leases:
            end(pulse, functools.partial(say, lease))

    def _model(self, clip: Clip) -> LoadedModel:
        try:
            return self.warm(entry(clip.model_key))
        except ModelNotOffered as error:
            raise ModelUnavailable from error

    def _call(self, model: LoadedModel, leases: Sequence[Lease], pulse: Pulse) -> list[Made]:
        """Render those of *leases* that still hold and can begin."""
        jobs: list[Job] = []
        seated: list[Lease] = []
        for lease in leases:
            if pulse.holds(lease.token):
                with self._ending([lease], pulse):
                    jobs.append(_job(lease.clip, model.entry))
                    seated.append(lease)
        if not seated:
            return []
        began = time.monotonic()
        report(seated, pulse, state=ClipState.RENDERING, step=0)
        # A step of a batch takes longer, at most as much longer as there are clips.
        limit = float(model.entry.runtime.step_seconds) * len(jobs)
        with pulse.watching(limit):
            frames = model.render_batch(
                jobs, each_step(seated, pulse, self._stopping, device=model.device_name)
            )
        took = Decimal(str(round(time.monotonic() - began, 3)))
        return _made(seated, frames, pulse, took)


def _made(
    seated: Sequence[Lease], frames: Sequence[ClipFrames], pulse: Pulse, took: Decimal
) -> list[Made]:
    """The clips of the call that are still wanted, each with its share of what it took."""
    staying = [
        (lease, own) for lease, own in zip(seated, frames, strict=True) if pulse.holds(lease.token)
    ]
    gone = [lease.token for lease in seated if not pulse.holds(lease.token)]
    shares = split(took, staying=len(staying), left=seconds_of_those_who_left(gone))
    places = [lease.place for lease in seated]
    return [
        Made(
            lease=lease,
            frames=own,
            share=share,
            batch=_batch_facts(lease, places, took, share) if len(seated) > 1 else None,
        )
        for (lease, own), share in zip(staying, shares, strict=True)
    ]


def _batch_facts(
    lease: Lease, places: Sequence[int], took: Decimal, share: Decimal
) -> dict[str, Any]:
    return {
        "id": str(lease.batch),
        "places": list(places),
        "place": lease.place,
        "seconds": str(took),
        "share": str(share),
    }


def _names(leases: Sequence[Lease]) -> str:
    return ", ".join(f"clip {lease.clip.pk} try {lease.number}" for lease in leases)


def _job(clip: Clip, entry: Entry) -> Job:
    require_lead(clip)
    return Job(
        prompt=clip.prompt,
        width=clip.width,
        height=clip.height,
        frames=clip.frames,
        steps=clip.steps,
        guidance=float(clip.guidance),
        seed=clip.seed,
        fps=clip.fps,
        **adapter_of(clip),
        **input_of(clip, entry),
    )

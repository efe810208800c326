"""One clip from its lease to its files."""

from __future__ import annotations

import logging
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from generation.catalogue import Entry, entry
from generation.errors import (
    EncodingFailed,
    LeaseLost,
    ModelNotOffered,
    ModelUnavailable,
    OutOfMemory,
    RenderError,
)
from generation.media import store
from generation.media.files import make_files
from generation.media.frames import FramesDigest, FrameStream
from generation.pipelines.base import Job
from generation.progress import Reporter
from generation.queries import has_finished
from generation.services import attempts
from generation.states import ClipState
from generation.worker.manifest import manifest_of
from generation.worker.pulse import Pulse, watched
from generation.worker.start import adapter_of, input_of
from generation.worker.stop import Reason, StopRender
from generation.worker.warm import WarmModels

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from generation.models import Clip
    from generation.pipelines.base import LoadedModel
    from generation.services.attempts import Lease

    Answer = TypeVar("Answer")

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

    @property
    def held(self) -> LoadedModel | None:
        """The model used last; None before the first and after an accident."""
        return self.models.last

    def warm(self, wanted: Entry) -> LoadedModel:
        """The model of *wanted*, loaded if it is not.

        Raises:
            RenderError: ``ModelUnavailable`` or ``WeightsChanged``.
        """
        return self.models.get(wanted)

    def render(self, lease: Lease) -> None:
        """Render and store *lease*'s clip, or end its attempt with the reason why not."""
        clip = lease.clip
        log.info("clip %s try %d: begins", clip.pk, lease.number)
        with Pulse(token=lease.token, seconds=lease.seconds, abandon=self._abandon) as pulse:
            try:
                self._render(lease, pulse)
            except StopRender as stop:
                log.info("clip %s try %d: stops, %s", clip.pk, lease.number, stop.reason.value)
                if stop.reason is Reason.SHUTDOWN:
                    self._end(pulse, lambda: attempts.hand_back(token=lease.token))
            except LeaseLost:
                log.info("clip %s try %d: no longer ours", clip.pk, lease.number)
            except RenderError as error:
                log.warning("clip %s try %d: %s", clip.pk, lease.number, error, exc_info=error)
                if isinstance(error, OutOfMemory):
                    # All of them: what else was held may be why this one did not fit.
                    self.models.drop_all()
                reason = error
                self._end(pulse, lambda: attempts.fail(token=lease.token, error=reason))
            # A render runs other people's code on hardware: whatever it raises must end this
            # attempt with a typed failure and leave the worker fit for the next clip.
            except Exception as error:
                log.exception("clip %s try %d: failed", clip.pk, lease.number)
                self.models.drop(clip.model_key)
                unexpected = RenderError()
                unexpected.__cause__ = error
                self._end(pulse, lambda: attempts.fail(token=lease.token, error=unexpected))

    def _render(self, lease: Lease, pulse: Pulse) -> None:
        clip = lease.clip
        try:
            wanted = entry(clip.model_key)
        except ModelNotOffered as error:
            raise ModelUnavailable from error
        model = self.warm(wanted)
        pulse.look()
        began = time.monotonic()
        self._tell(
            pulse, lambda: attempts.report(token=lease.token, state=ClipState.RENDERING, step=0)
        )
        with pulse.watching(float(wanted.runtime.step_seconds)):
            frames = model.render(_job(clip, wanted), self._on_step(lease, pulse))
        digest = FramesDigest(frames.shape)
        read = digest.reading(
            watched(
                frames,
                pulse,
                limit=float(wanted.runtime.step_seconds),
                look=lambda: self._look(pulse),
            )
        )
        with tempfile.TemporaryDirectory(prefix="greenroom-clip-") as folder:
            pulse.look()
            try:
                made = make_files(
                    FrameStream(frames.shape, read),
                    fps=clip.fps,
                    artist=clip.artist.name,
                    short_id=clip.short_id,
                    language=clip.artist.language,
                    folder=Path(folder),
                )
                pulse.look()
                files = store.put(
                    media_key=lease.media_key,
                    number=lease.number,
                    sha256=made.sha256,
                    paths=made.paths,
                )
            except (OSError, ValueError) as error:
                raise EncodingFailed from error
        manifest = manifest_of(
            clip,
            model,
            frames_sha256=digest.hexdigest(),
            worker=self._worker,
            number=lease.number,
        )
        took = time.monotonic() - began
        try:
            self._tell(
                pulse,
                lambda: attempts.finish(
                    token=lease.token, files=files, manifest=manifest, gpu_seconds=took
                ),
            )
        except BaseException:
            self._take_back_files(lease, pulse)
            raise
        log.info("clip %s try %d: ready after %.1f s", clip.pk, lease.number, took)

    def _take_back_files(self, lease: Lease, pulse: Pulse) -> None:
        """Remove what was stored, unless the clip became ready and only the answer was lost.

        When the database cannot be asked they stay: whoever ends the lost attempt removes them.
        """
        with suppress(LeaseLost):
            if not self._tell(pulse, lambda: has_finished(lease.token)):
                store.remove_folder(lease.media_key)

    def _on_step(self, lease: Lease, pulse: Pulse) -> Callable[[int], None]:
        device = self.held.device_name if self.held else ""
        reporter = Reporter([lease.clip], device=device)
        reporter.step(0)

        def on_step(step: int) -> None:
            pulse.moved()
            self._look(pulse)
            reporter.step(step)
            if step < lease.clip.steps:
                return
            # After the last step the frames are decoded: for a person, encoding has begun.
            try:
                # Without it the clip cannot become ready.
                self._tell(
                    pulse,
                    lambda: attempts.report(token=lease.token, state=ClipState.ENCODING, step=step),
                )
            except LeaseLost:
                pulse.look()
                raise

        return on_step

    def _look(self, pulse: Pulse) -> None:
        pulse.look()
        if self._stopping.is_set():
            raise StopRender(Reason.SHUTDOWN)

    def _end(self, pulse: Pulse, say: Callable[[], object]) -> None:
        """End the attempt; when it was ended by somebody else meanwhile, that is as well."""
        try:
            self._tell(pulse, say)
        except LeaseLost:
            log.info("the attempt had ended already")

    def _tell(self, pulse: Pulse, say: Callable[[], Answer]) -> Answer:
        """Say it to the database, again while it is away and the lease may still be ours.

        Raises:
            LeaseLost: when the lease ran out meanwhile.
        """
        while True:
            try:
                return say()
            except (OperationalError, InterfaceError) as error:
                log.warning("the database is away: %s", error)
                connection.close()
                if not pulse.alive:
                    raise LeaseLost from error
                time.sleep(0.5)


def _job(clip: Clip, entry: Entry) -> Job:
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

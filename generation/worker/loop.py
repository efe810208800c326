"""The GPU worker: claims what waits, renders it, stores it. One per process.

Nothing here holds a transaction open while the GPU works. The rows say what is to be done; a
doorbell only shortens the wait.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, connection

from generation.catalogue import catalogue
from generation.errors import CatalogueInvalid, RenderError
from generation.pipelines.loading import check_all
from generation.services import attempts, workers
from generation.worker.render import Renderer

log = logging.getLogger(__name__)

# How often a worker looks by itself when nobody rings.
LOOK_SECONDS = 5.0
# How long a worker that shuts down waits for the step it is in.
HAND_BACK_SECONDS = 60.0


class GpuWorker:
    """Owns the device and the warm models; renders one clip, or one batch, at a time.

    Args:
        name: unique among the workers that run now; a restarted worker has its old name.
        abandon: see ``Renderer``.
    """

    def __init__(self, *, name: str, abandon: Callable[[], None] | None = None) -> None:
        self.name = name
        self.stopping = threading.Event()
        self._bell = threading.Event()
        self._renderer = Renderer(worker=name, stopping=self.stopping, abandon=abandon)
        self._thread: threading.Thread | None = None

    @property
    def warm_key(self) -> str:
        """Catalogue key of the model that is loaded, or ""."""
        held = self._renderer.held
        return held.entry.key if held else ""

    @property
    def together(self) -> int:
        """How many clips of its usual size the loaded model renders in one call."""
        return self._renderer.together

    def warm_up(self) -> tuple[str, str]:
        """Load the first model on offer; answers its title and the device's name.

        Raises:
            CatalogueInvalid, RenderError: when it cannot be loaded.
        """
        entries = list(catalogue().values())
        if not entries:
            raise CatalogueInvalid(
                f"{settings.GENERATION_CATALOGUE}: no entry is enabled, so there is nothing to load"
            )
        check_all(entries)
        model = self._renderer.warm(entries[0])
        return entries[0].title, model.device_name

    def render_until_empty(self) -> int:
        """Render what waits, one call after the other; answers how many clips were claimed."""
        claimed = 0
        while not self.stopping.is_set():
            held = self._renderer.held
            if not workers.seen(name=self.name, model_key=self.warm_key, together=self.together):
                break
            leases = attempts.claim_batch(
                worker=self.name,
                models=catalogue().keys(),
                warm=self._renderer.models.keys,
                device=held.device_name if held else "",
                room=self._renderer.room,
            )
            if not leases:
                break
            claimed += len(leases)
            self._renderer.render(*leases)
        return claimed

    def ring(self) -> None:
        self._bell.set()

    def start(self) -> None:
        """Look for clips on a thread of its own, so that the broker's loop stays free."""
        self._thread = threading.Thread(target=self._run, name="render", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Hand back the clip at the next step and take no other."""
        self.stopping.set()
        self._bell.set()

    def join(self) -> None:
        if self._thread is not None:
            self._thread.join(HAND_BACK_SECONDS)

    def _run(self) -> None:
        try:
            while not self.stopping.is_set():
                try:
                    close_old_connections()
                    self.render_until_empty()
                except (OperationalError, InterfaceError) as error:
                    log.warning("the database is away: %s", error)
                    connection.close()
                self._bell.wait(LOOK_SECONDS)
                self._bell.clear()
        except BaseException:
            # A worker that no longer looks must not stay and seem alive: whoever watches over
            # this process starts it again.
            log.critical("%s: the render loop broke", self.name, exc_info=True)
            os.kill(os.getpid(), signal.SIGTERM)
        finally:
            self._say_goodbye()
            connection.close()

    def _say_goodbye(self) -> None:
        try:
            workers.stopped(name=self.name)
        except (OperationalError, InterfaceError) as error:
            log.warning("the database did not hear that this worker stops: %s", error)


_worker: GpuWorker | None = None


def start(*, name: str) -> None:
    """Make this process the GPU worker *name*: free what its forerunner held, load, look.

    Raises:
        SystemExit: when no model can be loaded, after saying why.
    """
    global _worker
    worker = GpuWorker(name=name, abandon=_end_process)
    try:
        title, device = worker.warm_up()
    except (CatalogueInvalid, RenderError) as error:
        log.critical("%s", error.__cause__ or error, exc_info=error.__cause__)
        raise SystemExit(f"The GPU worker cannot start: {error.__cause__ or error}") from error
    freed = attempts.reap_lost(worker=name)
    if freed:
        log.warning("%s: took back %d clip(s) of the worker that died before", name, freed)
    workers.started(
        name=name,
        device=device,
        memory_bytes=_memory_bytes(),
        model_key=worker.warm_key,
        together=worker.together,
    )
    worker.start()
    _worker = worker
    _tell_ready(title, device)
    log.info("%s: %s is loaded on %s", name, title, device)


def ring() -> None:
    """A doorbell message arrived. In a process without a GPU thread, render right here."""
    if _worker is not None:
        _worker.ring()
    else:
        render_until_empty()


def render_until_empty() -> int:
    """Render what waits in this process and come back; answers how many clips were claimed."""
    worker = _worker or GpuWorker(name=f"inline@{os.uname().nodename}.{os.getpid()}")
    return worker.render_until_empty()


def stop() -> None:
    if _worker is not None:
        _worker.stop()


def join() -> None:
    if _worker is not None:
        _worker.join()


def _memory_bytes() -> int:
    # Only a worker that has loaded a model may load torch.
    from generation.pipelines.device import choose, memory_of

    return memory_of(choose(settings.GENERATION_DEVICE))


def _end_process() -> None:
    """Leave at once: closing in order would wait for the thread that hangs."""
    logging.shutdown()
    os._exit(os.EX_SOFTWARE)


def _tell_ready(title: str, device: str) -> None:
    """Tell whoever started this process, through the file it named."""
    named = os.environ.get("GREENROOM_READY_FILE", "")
    if named:
        path = Path(named)
        partial = path.with_suffix(".part")
        partial.write_text(json.dumps({"model": title, "device": device}), encoding="utf-8")
        partial.replace(path)

"""Celery's envelopes. On the GPU queue a message is a doorbell: it names no clip."""

from __future__ import annotations

import logging
import os
from typing import Any

from celery import shared_task
from celery.signals import worker_ready, worker_shutdown, worker_shutting_down
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


@shared_task(name="generation.tasks.render_waiting")
def render_waiting() -> None:
    from generation.worker import loop

    loop.ring()


@shared_task(name="generation.tasks.reap_lost_attempts")
def reap_lost_attempts() -> None:
    from generation.services.attempts import reap_lost

    reap_lost()


@shared_task(name="generation.tasks.forget_unused_pictures")
def forget_unused_pictures() -> int:
    from generation.services import pictures

    return pictures.forget_unused()


@shared_task(name="generation.tasks.remove_leftovers")
def remove_leftovers() -> None:
    from generation.services.leftovers import remove_due

    remove_due()


@shared_task(name="generation.tasks.go_on_with_sheets")
def go_on_with_sheets() -> None:
    from generation.services import sheets

    sheets.go_on()


@shared_task(name="generation.tasks.stop_contained")
def stop_contained() -> int:
    from generation.services import contained

    return contained.stop_running()


@shared_task(name="generation.tasks.stop_closed")
def stop_closed() -> int:
    from generation.services import ending

    return ending.stop_closed()


def ring() -> None:
    """Ring the GPU workers' doorbell. When the broker is away they look by themselves."""
    try:
        render_waiting.apply_async(expires=60, retry=False)
    except OperationalError:
        log.warning("the broker is away; the workers will find what waits by themselves")


def _is_gpu_worker() -> bool:
    return os.environ.get("GREENROOM_GPU_WORKER") == "1"


@worker_ready.connect
def _load_models(sender: Any = None, **kwargs: Any) -> None:
    if _is_gpu_worker():
        from generation.worker import loop

        loop.start(name=str(getattr(sender, "hostname", "") or "gpu"))


@worker_shutting_down.connect
def _hand_back(**kwargs: Any) -> None:
    if _is_gpu_worker():
        from generation.worker import loop

        loop.stop()


@worker_shutdown.connect
def _wait_for_render(**kwargs: Any) -> None:
    if _is_gpu_worker():
        from generation.worker import loop

        loop.join()

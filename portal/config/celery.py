"""The Celery application; tasks of every installed app are found by themselves."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import (
    after_setup_logger,
    after_setup_task_logger,
    beat_init,
    celeryd_after_setup,
    worker_ready,
    worker_shutting_down,
)

from portal import scratch, shutdown
from portal.log import keep_keys_out

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.config.settings")

app = Celery("greenroom")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@celeryd_after_setup.connect
def claim_scratch(sender: str, **kwargs: Any) -> None:
    """*sender* is the worker's own name, which the one started in its place has again."""
    scratch.claim(sender)


@worker_shutting_down.connect
def tell_jobs(**kwargs: Any) -> None:
    shutdown.tell()


@worker_ready.connect
@beat_init.connect
def say_started(**kwargs: Any) -> None:
    """Tell the supervisor that this process takes work (see ``portal.supervisor.crew``)."""
    if path := os.environ.get("GREENROOM_STARTED_FILE"):
        Path(path).touch()


@after_setup_logger.connect
@after_setup_task_logger.connect
def redact_logs(logger: logging.Logger, **kwargs: Any) -> None:
    keep_keys_out(logger)

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
    worker_ready,
)

from portal.log import keep_keys_out

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.config.settings")

app = Celery("greenroom")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


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

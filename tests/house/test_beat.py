"""What beat rings for is a task that a worker knows."""

from __future__ import annotations

from portal.config.beat import SCHEDULE
from portal.config.celery import app


def test_every_ring_has_its_task() -> None:
    app.loader.import_default_modules()
    assert {entry["task"] for entry in SCHEDULE.values()} - set(app.tasks) == set()

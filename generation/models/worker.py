"""GPU workers, as they last told the database of themselves."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class Worker(models.Model):
    """One GPU worker by its name, which a restarted one keeps.

    ``memory_bytes`` is all of the device's memory. ``model_key`` names the model that is loaded
    ("" when none is), ``together`` how many clips of its usual size it renders in one call.
    ``seen_at`` is written whenever the worker looks for a clip; while it renders, the lease of its
    attempt is what shows that it lives. ``is_resting`` asks it to take no further clip; it lasts
    until somebody takes it back, through restarts as well.
    """

    name = models.CharField(max_length=120, unique=True)
    device = models.CharField(max_length=120)
    memory_bytes = models.BigIntegerField(null=True)
    model_key = models.CharField(max_length=80, blank=True)
    together = models.PositiveSmallIntegerField(default=1, db_default=1)
    started_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(db_default=Now())
    stopped_at = models.DateTimeField(null=True)
    is_resting = models.BooleanField(default=False, db_default=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

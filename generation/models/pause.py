"""Pauses of rendering: what the programme's team holds back, and why."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class PauseQuerySet(models.QuerySet["Pause"]):
    def live(self) -> PauseQuerySet:
        """Not resumed yet."""
        return self.filter(resumed_at=None)


class Pause(models.Model):
    """No clip of a cohort, of a model, or (with neither) none at all is given to a worker.

    Clips are accepted and keep their places; renders that have begun go on. A pause is never
    changed: it ends once, when somebody resumes it.
    """

    cohort = models.ForeignKey(
        "portal.Cohort", on_delete=models.PROTECT, null=True, related_name="pauses"
    )
    model_key = models.CharField(max_length=80, blank=True)
    reason = models.CharField(max_length=300)
    paused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    paused_at = models.DateTimeField(db_default=Now())
    resumed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    resumed_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[Pause]] = models.Manager.from_queryset(PauseQuerySet)()

    class Meta:
        ordering = ["-paused_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["cohort", "model_key"],
                condition=Q(resumed_at__isnull=True),
                nulls_distinct=False,
                name="pause_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(cohort__isnull=True) | Q(model_key=""), name="pause_of_one_thing"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="pause_says_why"),
            models.CheckConstraint(
                condition=Q(resumed_at__isnull=True, resumed_by__isnull=True)
                | Q(resumed_at__isnull=False, resumed_by__isnull=False),
                name="pause_resumed_by_somebody",
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="pause_fixed",
                fields=["cohort", "model_key", "reason", "paused_by", "paused_at"],
            ),
            pgtrigger.Protect(
                name="pause_ends_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__resumed_at__isnull=False),
            ),
            pgtrigger.Protect(name="pause_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.cohort.name if self.cohort is not None else self.model_key

    @property
    def is_of_everything(self) -> bool:
        return self.cohort_id is None and not self.model_key

"""Attempts: one worker's lease on one clip."""

from __future__ import annotations

import uuid
from decimal import Decimal

import pgtrigger
from django.db import models
from django.db.models.functions import Now

from generation.states import ATTEMPT_TRANSITIONS, AttemptState, ClipState


class Attempt(models.Model):
    """One try of one worker to render one clip.

    ``lease_token`` fences: whoever does not hold the token of the running attempt changes
    nothing. ``lease_until`` is set by the database's clock only. ``gpu_seconds`` is what the
    attempt took; ``charged_seconds`` what of it the artist was charged (nothing when the
    machinery was at fault; the estimate while it runs). ``charged_week`` is the Monday of the week
    in which that counts: the one in which the attempt began. ``media_key`` names the folder of the
    attempt's files before the first of them is written, so that what a dead worker left can be
    found and removed; ``media_due_at`` is when that is to be done, for all but what a kept clip
    needs. ``last_state`` and ``last_step`` are where the clip was seen last when the worker was
    lost.

    Attempts of one call of the pipeline share ``batch``; ``batch_place`` from 0 is the clip's place
    among the ``batch_size`` that were claimed for it. ``batch`` is None for a clip claimed alone.
    """

    clip = models.ForeignKey("generation.Clip", on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(
        max_length=12, choices=AttemptState.choices, default=AttemptState.RUNNING
    )
    lease_token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    lease_until = models.DateTimeField()
    media_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    media_due_at = models.DateTimeField(null=True)
    worker = models.CharField(max_length=120)
    started_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)
    gpu_seconds = models.DecimalField(max_digits=12, decimal_places=3, null=True)
    charged_seconds = models.DecimalField(max_digits=12, decimal_places=3, default=Decimal(0))
    charged_week = models.DateField(null=True)
    batch = models.UUIDField(null=True)
    batch_size = models.PositiveSmallIntegerField(default=1, db_default=1)
    batch_place = models.PositiveSmallIntegerField(default=0, db_default=0)
    error_code = models.CharField(max_length=40, blank=True)
    error = models.TextField(blank=True)
    last_state = models.CharField(max_length=12, choices=ClipState.choices, blank=True)
    last_step = models.PositiveSmallIntegerField(null=True)

    class Meta:
        ordering = ["clip", "number"]
        constraints = [
            models.UniqueConstraint(fields=["clip", "number"], name="attempt_number_once"),
            models.UniqueConstraint(
                fields=["clip"],
                condition=models.Q(state="running"),
                name="attempt_one_running_per_clip",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=AttemptState.values), name="attempt_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state="running", ended_at__isnull=True, gpu_seconds__isnull=True)
                | (
                    ~models.Q(state="running")
                    & models.Q(ended_at__isnull=False, gpu_seconds__isnull=False)
                ),
                name="attempt_ended_with_its_seconds",
            ),
            models.CheckConstraint(
                condition=models.Q(charged_seconds__gte=0)
                & (models.Q(gpu_seconds__isnull=True) | models.Q(gpu_seconds__gte=0)),
                name="attempt_seconds_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(charged_seconds=0) | models.Q(charged_week__isnull=False),
                name="attempt_charged_in_a_week",
            ),
            models.UniqueConstraint(
                fields=["batch", "batch_place"], name="attempt_batch_place_once"
            ),
            models.CheckConstraint(
                condition=models.Q(batch__isnull=True, batch_size=1, batch_place=0)
                | models.Q(
                    batch__isnull=False,
                    batch_size__gte=2,
                    batch_place__lt=models.F("batch_size"),
                ),
                name="attempt_batch_of_several",
            ),
        ]
        indexes = [
            models.Index(
                fields=["lease_until"],
                condition=models.Q(state="running"),
                name="attempt_running_lease",
            ),
            models.Index(
                fields=["media_due_at"],
                condition=models.Q(media_due_at__isnull=False),
                name="attempt_media_due",
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="attempt_transitions",
                field="state",
                transitions=[
                    (old.value, new.value)
                    for old, news in ATTEMPT_TRANSITIONS.items()
                    for new in sorted(news)
                ],
            ),
            pgtrigger.ReadOnly(
                name="attempt_identity_fixed",
                fields=[
                    *("clip", "number", "lease_token", "media_key", "worker"),
                    *("batch", "batch_size", "batch_place"),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.clip_id} try {self.number}: {self.state}"

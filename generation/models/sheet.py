"""Prompt sheets: a file of prompts that becomes clips, row by row, as there is room."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from generation.models.clip import PROMPT_MAX
from generation.states import SHEET_TRANSITIONS, ClipState, SheetState


class PromptSheet(models.Model):
    """One file that an artist brought.

    ``notes`` says how it was read. ``held_by`` is the code of the refusal that keeps the next row
    from being asked for now ("" when nothing does); it is tried again by itself.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    artist = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="prompt_sheets"
    )
    cohort = models.ForeignKey(
        "portal.Cohort", on_delete=models.PROTECT, related_name="prompt_sheets"
    )
    name = models.CharField(_("name"), max_length=120)
    notes = ArrayField(models.CharField(max_length=500), default=list, blank=True)
    state = models.CharField(max_length=10, choices=SheetState.choices, default=SheetState.DRAFT)
    held_by = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager[PromptSheet]] = models.Manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="sheet_has_a_name"),
            models.CheckConstraint(
                condition=Q(state__in=SheetState.values), name="sheet_state_known"
            ),
            models.CheckConstraint(
                condition=Q(held_by="") | Q(state="running"), name="sheet_held_while_running"
            ),
        ]
        indexes = [
            models.Index(fields=["created_at"], condition=Q(state="running"), name="sheet_running"),
        ]
        triggers = [
            pgtrigger.FSM(
                name="sheet_transitions",
                field="state",
                transitions=[
                    (old.value, new.value)
                    for old, news in SHEET_TRANSITIONS.items()
                    for new in sorted(news)
                ],
            ),
            pgtrigger.ReadOnly(
                name="sheet_fixed", fields=["artist", "cohort", "name", "notes", "created_at"]
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PromptSheetRow(models.Model):
    """One prompt of a sheet, as it was read; ``number`` counts from 1 below the headings.

    ``problem`` says in its artist's words why it makes no clip. ``is_due`` holds while it is still
    to be asked for, or to be run again. ``request_id`` is its token for the service that makes
    clips: asked twice, it makes one. ``estimate`` is in GPU seconds.
    """

    sheet = models.ForeignKey(PromptSheet, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveSmallIntegerField()
    prompt = models.TextField(max_length=PROMPT_MAX, blank=True)
    title = models.CharField(max_length=120, blank=True)
    model_key = models.CharField(max_length=80, blank=True)
    size = models.CharField(max_length=20, blank=True)
    frames = models.PositiveIntegerField(default=0)
    seed = models.BigIntegerField(null=True, blank=True)
    estimate = models.DecimalField(max_digits=10, decimal_places=3, default=Decimal(0))
    problem = models.CharField(max_length=500, blank=True)
    is_due = models.BooleanField(default=False)
    request_id = models.UUIDField(default=uuid.uuid4)
    clip = models.OneToOneField(
        "generation.Clip",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="sheet_row",
    )

    objects: ClassVar[models.Manager[PromptSheetRow]] = models.Manager()

    class Meta:
        ordering = ["sheet", "number"]
        constraints = [
            models.UniqueConstraint(fields=["sheet", "number"], name="sheet_row_once"),
            models.CheckConstraint(
                condition=Q(problem="") | Q(is_due=False), name="sheet_row_due_is_sound"
            ),
        ]
        indexes = [
            models.Index(
                fields=["sheet", "number"], condition=Q(is_due=True), name="sheet_row_due"
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="sheet_row_fixed",
                fields=[
                    *("sheet", "number", "prompt", "title", "model_key", "size", "frames"),
                    *("seed", "estimate", "request_id"),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.prompt[:60]}"

    @property
    def standing(self) -> str:
        """Its clip's state, or before there is one: ``refused``, ``due`` or ``left`` (it never
        will be)."""
        if self.problem:
            return "refused"
        if self.clip is not None and not self.is_due:
            return self.clip.state
        return "due" if self.is_due else "left"

    @property
    def error_text(self) -> str:
        if self.problem:
            return self.problem
        if self.clip is not None and self.clip.state in {ClipState.FAILED, ClipState.QUARANTINED}:
            return str(self.clip.error_text)
        return ""

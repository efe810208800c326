"""Batches of invitations: a table of people that is looked at first and sent row by row."""

from __future__ import annotations

import uuid
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.states import BATCH_TRANSITIONS, BatchState, steps


class InvitationBatch(models.Model):
    """One table that an admin brought for one cohort.

    ``notes`` says how the file was read. Until it is started it is a draft that ends at
    ``keep_until``. ``held_by`` is the code of the refusal that stopped it, "" when a person did.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cohort = models.ForeignKey(
        "portal.Cohort", on_delete=models.CASCADE, related_name="invitation_batches"
    )
    name = models.CharField(_("name"), max_length=120)
    notes = ArrayField(models.CharField(max_length=500), default=list, blank=True)
    state = models.CharField(
        max_length=10, choices=BatchState.choices, default=BatchState.DRAFT, editable=False
    )
    held_by = models.CharField(max_length=40, blank=True, editable=False)
    brought_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now())
    keep_until = models.DateTimeField()
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    started_at = models.DateTimeField(null=True, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[models.Manager[InvitationBatch]] = models.Manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=BatchState.values), name="invitation_batch_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "expired"], started_by__isnull=True)
                | Q(
                    state__in=["sending", "stopped", "finished"],
                    started_by__isnull=False,
                    started_at__isnull=False,
                ),
                name="invitation_batch_started_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(held_by="") | Q(state="stopped"), name="invitation_batch_held_stopped"
            ),
        ]
        indexes = [
            models.Index(
                fields=["created_at"],
                condition=Q(state="sending"),
                name="invitation_batch_sending",
            ),
            models.Index(
                fields=["keep_until"], condition=Q(state="draft"), name="invitation_batch_drafts"
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="invitation_batch_steps", field="state", transitions=steps(BATCH_TRANSITIONS)
            ),
            pgtrigger.ReadOnly(
                name="invitation_batch_fixed",
                fields=["cohort", "name", "notes", "brought_by", "created_at"],
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_over(self) -> bool:
        """Whether nobody started it in time; it may not be marked yet."""
        return self.state == BatchState.DRAFT and self.keep_until <= timezone.now()


class InvitationBatchRow(models.Model):
    """One person of a batch, as the table had them; ``number`` counts from 1 below the headings.

    ``problem`` says why nobody can be invited by it; where it repeats another row, ``same_as`` is
    that row's number. ``is_wanted`` is the admin's tick; ``is_due`` holds from the start until it
    was tried, and ``renews`` that it sends a new link for an invitation that stands. Then it has
    either its ``invitation`` or a ``refusal``.
    """

    batch = models.ForeignKey(InvitationBatch, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveSmallIntegerField()
    email = models.CharField(max_length=254, blank=True)
    name = models.CharField(max_length=120, blank=True)
    language = models.CharField(max_length=5, choices=settings.LANGUAGES, default="en")
    note = models.TextField(max_length=2000, blank=True)
    problem = models.CharField(max_length=500, blank=True)
    same_as = models.PositiveSmallIntegerField(null=True)
    is_wanted = models.BooleanField(default=False)
    is_due = models.BooleanField(default=False)
    renews = models.BooleanField(default=False)
    invitation = models.OneToOneField(
        "portal.Invitation", on_delete=models.PROTECT, null=True, related_name="batch_row"
    )
    refusal = models.CharField(max_length=500, blank=True)
    settled_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[InvitationBatchRow]] = models.Manager()

    class Meta:
        ordering = ["batch", "number"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="invitation_row_once"),
            models.UniqueConstraint(
                "batch",
                Lower("email"),
                condition=Q(problem=""),
                name="invitation_row_address_once",
            ),
            models.CheckConstraint(
                condition=Q(problem="") | Q(is_due=False, is_wanted=False, invitation__isnull=True),
                name="invitation_row_due_is_sound",
            ),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, invitation__isnull=True, refusal="")
                | Q(settled_at__isnull=False, is_due=False, invitation__isnull=False, refusal="")
                | (
                    Q(settled_at__isnull=False, is_due=False, invitation__isnull=True)
                    & ~Q(refusal="")
                ),
                name="invitation_row_settled_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["batch", "number"], condition=Q(is_due=True), name="invitation_row_due"
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="invitation_row_fixed",
                fields=[
                    *("batch", "number", "email", "name", "language", "note", "problem", "same_as"),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.email}"

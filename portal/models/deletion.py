"""Deletions: that a person's account is to go, from when on, and what holds it back."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from portal.deletion_states import DELETION_TRANSITIONS, DeletionState
from portal.states import steps

LONGEST_REASON = 500


class DeletionQuerySet(models.QuerySet["Deletion"]):
    def waiting(self) -> DeletionQuerySet:
        return self.filter(state=DeletionState.WAITING)


class Deletion(models.Model):
    """One wish that an account goes.

    ``asked_by`` is the person, or an admin whom they wrote to; an admin says why in ``reason``.
    ``held_by`` are the codes of what held it back when it was last looked at after ``due_at``.
    ``ended_by`` is who took it back; nobody for one that was carried out. ``files`` are names in
    the storage that are still to be removed.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="deletions"
    )
    state = models.CharField(
        max_length=10, choices=DeletionState.choices, default=DeletionState.WAITING, editable=False
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(max_length=LONGEST_REASON, blank=True)
    asked_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField()
    held_by = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True)
    files = ArrayField(models.CharField(max_length=200), default=list, blank=True)

    objects: ClassVar[models.Manager[Deletion]] = models.Manager.from_queryset(DeletionQuerySet)()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(state__in=["waiting", "done"]),
                name="deletion_one_that_counts_per_person",
            ),
            models.CheckConstraint(
                condition=Q(state__in=DeletionState.values), name="deletion_state_known"
            ),
            models.CheckConstraint(
                condition=Q(asked_by=F("person")) | Q(reason__regex=r"\S"),
                name="deletion_by_another_says_why",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", ended_at__isnull=True, ended_by__isnull=True)
                | Q(state="undone", ended_at__isnull=False, ended_by__isnull=False)
                | Q(
                    state="done",
                    ended_at__isnull=False,
                    ended_at__gte=F("due_at"),
                    ended_by__isnull=True,
                ),
                name="deletion_ended_whole",
            ),
            models.CheckConstraint(
                condition=Q(held_by__len=0) | Q(state="waiting"), name="deletion_held_while_waiting"
            ),
            models.CheckConstraint(
                condition=Q(files__len=0) | Q(state="done"), name="deletion_files_when_done"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(state="waiting"), name="deletion_to_carry_out"
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="deletion_steps", field="state", transitions=steps(DELETION_TRANSITIONS)
            ),
            pgtrigger.ReadOnly(
                name="deletion_is_whose_it_was",
                fields=["person", "asked_by", "reason", "asked_at", "due_at"],
            ),
            pgtrigger.Protect(name="deletion_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"deletion {self.pk}"

    @property
    def is_waiting(self) -> bool:
        return self.state == DeletionState.WAITING

    @property
    def is_held(self) -> bool:
        """Whether its time came and something stood against it."""
        return bool(self.held_by)

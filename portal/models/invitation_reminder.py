"""Reminders of invitations, each with a link of its own."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from portal.states import ReminderKind


class InvitationReminder(models.Model):
    """One mail that reminds of an invitation.

    The first link is stored nowhere, so a reminder carries another one for the same invitation:
    ``token_hash`` is its hex SHA-256. Whichever is used first, the invitation is used.
    """

    invitation = models.ForeignKey(
        "portal.Invitation", on_delete=models.CASCADE, related_name="reminders"
    )
    kind = models.CharField(max_length=10, choices=ReminderKind.choices)
    token_hash = models.CharField(max_length=64, unique=True)
    sent_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[models.Manager[InvitationReminder]] = models.Manager()

    class Meta:
        ordering = ["sent_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["invitation", "kind"], name="invitation_reminded_once_of_each_kind"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=ReminderKind.values), name="invitation_reminder_kind_known"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="invitation_reminder_is_fixed", operation=pgtrigger.Update)
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.invitation_id}"

"""Disputes: an artist says that pay is wrong or missing, finance answers, an end has words."""

from __future__ import annotations

import uuid

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from payments.dispute_states import DISPUTE_TRANSITIONS, DisputeState
from portal.states import steps

WORDS_LIMIT = 4_000


class Dispute(models.Model):
    """One question of an artist about pay; without ``work`` it is about something not recorded.

    ``entry_work`` is the adjustment that settled it. ``token`` is the id of the form, so that a
    form sent twice asks once.
    """

    artist = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="disputes"
    )
    cohort = models.ForeignKey("portal.Cohort", on_delete=models.PROTECT, related_name="disputes")
    work = models.ForeignKey(
        "payments.WorkItem", on_delete=models.PROTECT, null=True, related_name="disputes"
    )
    token = models.UUIDField(default=uuid.uuid4, editable=False)
    state = models.CharField(
        max_length=10, choices=DisputeState.choices, default=DisputeState.OPEN, editable=False
    )
    opened_at = models.DateTimeField(auto_now_add=True)
    entry_work = models.OneToOneField(
        "payments.WorkItem", on_delete=models.PROTECT, null=True, related_name="settles"
    )
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["artist", "token"], name="dispute_form_sent_once"),
            models.UniqueConstraint(
                fields=["work"],
                condition=Q(state__in=["open", "answered"], work__isnull=False),
                name="dispute_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "answered"])
                & Q(ended_at__isnull=True, ended_by__isnull=True, entry_work__isnull=True)
                | Q(state="settled", ended_at__isnull=False, ended_by__isnull=False)
                & Q(entry_work__isnull=False)
                | Q(state="closed", ended_at__isnull=False, ended_by__isnull=False)
                & Q(entry_work__isnull=True),
                name="dispute_ended_whole",
            ),
            models.CheckConstraint(
                condition=~Q(ended_by=models.F("artist")), name="dispute_not_ended_by_oneself"
            ),
        ]
        indexes = [models.Index(fields=["state", "opened_at"], name="dispute_by_state")]
        triggers = [
            pgtrigger.Protect(name="dispute_kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="dispute_begins_open",
                operation=pgtrigger.Insert,
                condition=~pgtrigger.Q(new__state="open"),
            ),
            pgtrigger.FSM(
                name="dispute_transitions", field="state", transitions=steps(DISPUTE_TRANSITIONS)
            ),
            pgtrigger.ReadOnly(
                name="dispute_fixed", fields=["artist", "cohort", "work", "token", "opened_at"]
            ),
            pgtrigger.Protect(
                name="dispute_ended_for_good",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__ended_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"Dispute {self.pk} of {self.artist}"

    @property
    def is_over(self) -> bool:
        return self.ended_at is not None


class DisputeMessage(models.Model):
    """What one side wrote; stays as it was written."""

    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, related_name="messages")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("text"), max_length=WORDS_LIMIT)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="dispute_message_says_something"),
        ]
        triggers = [
            pgtrigger.Protect(
                name="dispute_message_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dispute_id}: {self.text[:40]}"

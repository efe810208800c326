"""Mails that wait to be sent, written in the transaction of what they tell of."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from portal.states import MAIL_TRANSITIONS, MailState, steps


class OutgoingMail(models.Model):
    """One mail to one address.

    ``sealed`` is the encrypted content (see ``portal.sealing``), because a mail may carry an
    invitation's link or a sign-in code; it is emptied when the mail has left. ``target_type`` and
    ``target_id`` name what it is about, in the manner of the audit log.
    """

    to = models.CharField(max_length=400)
    subject = models.CharField(max_length=255)
    sealed = models.TextField(blank=True)
    state = models.CharField(
        max_length=10, choices=MailState.choices, default=MailState.WAITING, editable=False
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(db_default=Now())
    lease_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=255, blank=True)
    target_type = models.CharField(max_length=60, blank=True)
    target_id = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(state__in=["waiting", "sending"]),
                name="mail_to_send",
            ),
            models.Index(
                fields=["target_type", "target_id"],
                condition=~Q(target_type=""),
                name="mail_by_target",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=MailState.values), name="mail_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False, sealed="")
                | (~Q(state="sent") & Q(sent_at__isnull=True)),
                name="mail_sent_is_emptied",
            ),
            models.CheckConstraint(
                condition=Q(state="sending", lease_until__isnull=False)
                | (~Q(state="sending") & Q(lease_until__isnull=True)),
                name="mail_sending_has_a_lease",
            ),
        ]
        triggers = [
            pgtrigger.FSM(name="mail_steps", field="state", transitions=steps(MAIL_TRANSITIONS))
        ]

    def __str__(self) -> str:
        return f"{self.subject} to {self.to}"

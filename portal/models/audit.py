"""The audit log: append-only, enforced by the database."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.functions import Now

from portal import registry


class AuditEntry(models.Model):
    """Who did what to which thing, when, from which request, and why.

    The target is named by type and id, not by a foreign key: an entry outlives its object.
    """

    at = models.DateTimeField(db_default=Now())
    request_id = models.CharField(max_length=36, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    actor_label = models.CharField(max_length=160)
    action = models.CharField(max_length=60, db_index=True)
    target_type = models.CharField(max_length=60)
    target_id = models.CharField(max_length=40)
    cohort = models.ForeignKey(
        "portal.Cohort", on_delete=models.PROTECT, null=True, related_name="+"
    )
    before = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    after = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["target_type", "target_id"], name="audit_by_target"),
            BrinIndex(fields=["at"], name="audit_by_time"),
        ]
        triggers = [
            pgtrigger.Protect(
                name="audit_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
        ]

    def __str__(self) -> str:
        return f"{self.actor_label}: {self.action} {self.target_type} {self.target_id}"

    @property
    def label(self) -> str:
        """The action in words; completes the sentence that starts with the actor."""
        return registry.action_label(self.action)

    @property
    def subject(self) -> str:
        """What the entry is about, as far as it tells: a title, a name, an address."""
        for facts in (self.after, self.before):
            for field in ("title", "name", "email", "agreement", "cohort"):
                if facts.get(field):
                    return str(facts[field])
        return ""

"""The audit log: append-only, enforced by the database."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.functions import Cast, Now

from portal import registry
from portal.models.access_key import CidrField


def _transaction() -> Cast:
    """The 64-bit id of the transaction that writes the row."""
    id_ = models.Func(function="pg_current_xact_id", output_field=models.TextField())
    return Cast(Cast(id_, models.TextField()), models.BigIntegerField())


class AuditEntry(models.Model):
    """Who did what to which thing, when, from where, and why.

    The target is named by type and id, not by a foreign key: an entry outlives its object.
    ``network`` is the neighbourhood (/24, /48) a request came from, ``key_hint`` the access key it
    came with. ``xid`` is the transaction that wrote the entry; by it ``services.seals`` tells which
    entries no open transaction can get in before.
    """

    at = models.DateTimeField(db_default=Now())
    request_id = models.CharField(max_length=36, blank=True)
    network = CidrField(null=True)
    key_hint = models.CharField(max_length=16, blank=True, db_default="")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
    )
    actor_label = models.CharField(max_length=160)
    action = models.CharField(max_length=60)
    target_type = models.CharField(max_length=60)
    target_id = models.CharField(max_length=40)
    cohort = models.ForeignKey(
        "portal.Cohort", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    before = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    after = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    reason = models.TextField(blank=True)
    xid = models.BigIntegerField(db_default=_transaction(), editable=False)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["action", "id"], name="audit_by_action"),
            models.Index(fields=["actor", "id"], name="audit_by_actor"),
            models.Index(fields=["cohort", "id"], name="audit_by_cohort"),
            models.Index(fields=["xid", "id"], name="audit_by_transaction"),
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
    def who(self) -> str:
        """Whoever did it, as they are to be called today: the name of a deleted account is not
        said, although the entry, which nothing can change, has it."""
        actor = self.actor
        return actor.name if actor is not None and actor.deleted_at else self.actor_label

    @property
    def subject(self) -> str:
        """What the entry is about, as far as it tells: a title, a name, an address."""
        for facts in (self.after, self.before):
            for field in ("title", "name", "email", "agreement", "cohort"):
                if facts.get(field):
                    return str(facts[field])
        return ""

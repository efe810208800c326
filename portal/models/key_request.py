"""What a key asked to be made, so that asking twice makes it once."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class KeyRequest(models.Model):
    """One request with an access key that makes something, written before anything is made.

    ``name`` is the hex SHA-256 of its ``Idempotency-Key``, "" without one; ``body`` that of all it
    said. Who repeats it gets the same ``token``, under which services make a thing only once.
    """

    access_key = models.ForeignKey(
        "portal.AccessKey", on_delete=models.PROTECT, related_name="requests"
    )
    name = models.CharField(max_length=64, blank=True)
    body = models.CharField(max_length=64)
    token = models.UUIDField(default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["access_key", "name"],
                condition=~Q(name=""),
                name="key_request_once_per_name",
            ),
            models.CheckConstraint(
                condition=Q(body__regex=r"^[0-9a-f]{64}$") & Q(name__regex=r"^([0-9a-f]{64})?$"),
                name="key_request_is_hashed",
            ),
        ]
        indexes = [
            models.Index(fields=["access_key", "body", "-id"], name="key_request_by_body"),
            models.Index(fields=["created_at"], name="key_request_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.access_key_id}: {self.body[:8]}"

"""Browsers that people have signed in with, so that a new one can be told of."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class KnownDevice(models.Model):
    """One browser of one person.

    ``mark_hash`` is the hex SHA-256 of a random mark in a cookie of that browser; neither what the
    browser is nor where it was is kept.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="known_devices"
    )
    mark_hash = models.CharField(max_length=64)
    last_seen = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "mark_hash"], name="device_known_once"),
        ]
        indexes = [models.Index(fields=["last_seen"], name="device_by_last_seen")]

    def __str__(self) -> str:
        return f"a browser of {self.user}"

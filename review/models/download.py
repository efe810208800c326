"""Downloads: who fetched which master, when. Append-only."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models


class Download(models.Model):
    """One fetch of a master, under one decision, of bytes with this SHA-256 (hex)."""

    decision = models.ForeignKey(
        "review.Decision", on_delete=models.PROTECT, related_name="downloads"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="downloads"
    )
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        triggers = [
            pgtrigger.Protect(
                name="download_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} fetched {self.sha256[:8]}"

"""Pictures that artists bring for clips to start from."""

from __future__ import annotations

import uuid
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class StartPictureQuerySet(models.QuerySet["StartPicture"]):
    def kept(self) -> StartPictureQuerySet:
        """Those whose file is still there."""
        return self.exclude(file="")


class StartPicture(models.Model):
    """One picture of one artist; the same picture brought twice is one row.

    ``sha256`` is the hex digest of the stored file, a fresh PNG of *width* × *height* pixels in
    sRGB. ``file`` is "" once nobody uses the picture; the row stays for the clips' records.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    artist = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="start_pictures"
    )
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    file = models.FileField(max_length=200, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    # When it was last brought: what nobody uses goes a day after that.
    brought_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[models.Manager[StartPicture]] = models.Manager.from_queryset(
        StartPictureQuerySet
    )()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["artist", "sha256"], name="start_picture_once"),
            models.CheckConstraint(
                condition=Q(sha256__regex="^[0-9a-f]{64}$", width__gte=1, height__gte=1),
                name="start_picture_is_hashed",
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="start_picture_fixed",
                fields=["artist", "sha256", "width", "height", "created_at"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.width} × {self.height}, {self.sha256[:8]}"

"""Pictures and videos that artists bring for clips to start from."""

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

    A video is brought as its last frame and, beside it, as ``video``: a fresh MP4 of
    ``video_frames`` frames with the hex digest ``video_sha256``; "", 0 and "" for a picture.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    artist = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="start_pictures"
    )
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    file = models.FileField(max_length=200, blank=True)
    video = models.FileField(max_length=200, blank=True, default="", db_default="")
    video_sha256 = models.CharField(max_length=64, blank=True, default="", db_default="")
    video_frames = models.PositiveIntegerField(default=0, db_default=0)
    created_at = models.DateTimeField(db_default=Now())
    # When it was last brought: what nobody uses goes a day after that.
    brought_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[models.Manager[StartPicture]] = models.Manager.from_queryset(
        StartPictureQuerySet
    )()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["artist", "sha256", "video_sha256"], name="start_picture_once"
            ),
            models.CheckConstraint(
                condition=Q(sha256__regex="^[0-9a-f]{64}$", width__gte=1, height__gte=1),
                name="start_picture_is_hashed",
            ),
            models.CheckConstraint(
                condition=Q(video="", video_sha256="", video_frames=0)
                | Q(video_sha256__regex="^[0-9a-f]{64}$", video_frames__gte=1),
                name="start_video_is_hashed",
            ),
            models.CheckConstraint(
                condition=Q(video="") | ~Q(file=""), name="start_video_shows_a_picture"
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="start_picture_fixed",
                fields=[
                    *("artist", "sha256", "width", "height", "created_at"),
                    *("video_sha256", "video_frames"),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.width} × {self.height}, {self.sha256[:8]}"

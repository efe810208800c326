"""What a clip looks like, to know it again when nothing else says what it is."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class Fingerprint(models.Model):
    """One for each finished clip, released or not; its lists are empty where nothing can be read.

    ``exact`` are hex SHA-256 of what is shown, whatever it is wrapped in: the coded frames of the
    original, the pixels of cover and poster. ``pictures`` are 64-bit hashes of how its key frames
    and its cover look, as signed integers; alike pictures differ in few bits.
    """

    clip = models.OneToOneField(
        "generation.Clip", on_delete=models.PROTECT, related_name="fingerprint"
    )
    exact = ArrayField(models.CharField(max_length=64))
    pictures = ArrayField(models.BigIntegerField())
    made_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.clip_id}: {len(self.pictures)}"

"""Conflicts of interest: who decides nothing about whose clips."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

# Both tables have ``reviewer`` and ``artist``; the database refuses as it does with own work.
_REFUSAL = """
    IF EXISTS (
        SELECT FROM review_conflict
        WHERE person_id = NEW.reviewer_id AND artist_id = NEW.artist_id AND ended_at IS NULL
    ) THEN
        RAISE EXCEPTION '%: the reviewer has a conflict of interest with the artist', TG_TABLE_NAME
        USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
"""


def not_in_conflict(name: str) -> pgtrigger.Trigger:
    """Refuses a row whose ``reviewer`` has a conflict with its ``artist``."""
    return pgtrigger.Trigger(
        name=name, when=pgtrigger.Before, operation=pgtrigger.Insert, func=_REFUSAL
    )


class ConflictQuerySet(models.QuerySet["Conflict"]):
    def live(self) -> ConflictQuerySet:
        return self.filter(ended_at__isnull=True)


class Conflict(models.Model):
    """That *person* has nothing to do with reviews of *artist*, from one day to another.

    ``declared_by`` is the person themselves, or a lead or admin for them. An ended one stays on
    record; a new one is another row.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="conflicts"
    )
    artist = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(max_length=500)
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    declared_at = models.DateTimeField()
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[Conflict]] = models.Manager.from_queryset(ConflictQuerySet)()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "artist"],
                condition=Q(ended_at__isnull=True),
                name="conflict_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(person=F("artist")), name="conflict_with_somebody_else"
            ),
            models.CheckConstraint(condition=Q(reason__regex=r"\S"), name="conflict_has_words"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="conflict_ended_by_someone",
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="conflict_words_fixed",
                fields=["person", "artist", "reason", "declared_by", "declared_at"],
            ),
            pgtrigger.Protect(
                name="conflict_stays_ended",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__ended_at__isnull=False),
            ),
            pgtrigger.Protect(name="conflict_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.artist}"

    @property
    def is_live(self) -> bool:
        return self.ended_at is None

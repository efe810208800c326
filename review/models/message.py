"""The conversation about a clip between its artist and the team."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from portal.states import Role


class Message(models.Model):
    """What somebody wrote about a clip that was submitted; it is never changed.

    ``role`` is what the author wrote as, and all that the artist sees of a colleague; it is empty
    for the artist.
    """

    clip = models.ForeignKey("generation.Clip", on_delete=models.PROTECT, related_name="messages")
    artist = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="review_messages"
    )
    role = models.CharField(max_length=20, choices=Role.choices, blank=True)
    text = models.TextField(max_length=2000)
    sent_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(text__regex=r"\S"), name="message_has_words"),
            models.CheckConstraint(
                condition=Q(role="", author=F("artist"))
                | (Q(role__in=[Role.REVIEWER, Role.LEAD, Role.ADMIN]) & ~Q(author=F("artist"))),
                name="message_of_artist_or_team",
            ),
        ]
        indexes = [models.Index(fields=["clip", "id"], name="message_of_clip")]
        triggers = [
            pgtrigger.Protect(
                name="message_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
            pgtrigger.Trigger(
                name="message_of_submitted_clip",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    IF NOT EXISTS (
                        SELECT FROM generation_clip c
                        WHERE c.id = NEW.clip_id AND c.artist_id = NEW.artist_id
                          AND c.deleted_at IS NULL
                    ) THEN
                        RAISE EXCEPTION 'message: the clip is another artist''s, or deleted'
                        USING ERRCODE = 'check_violation';
                    END IF;
                    IF NOT EXISTS (
                        SELECT FROM review_review
                        WHERE clip_id = NEW.clip_id AND state <> 'withdrawn'
                    ) THEN
                        RAISE EXCEPTION 'message: the clip was not submitted'
                        USING ERRCODE = 'check_violation';
                    END IF;
                    IF EXISTS (
                        SELECT FROM review_conflict
                        WHERE person_id = NEW.author_id AND artist_id = NEW.artist_id
                          AND ended_at IS NULL
                    ) THEN
                        RAISE EXCEPTION 'message: a conflict of interest with the artist'
                        USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.author}: {self.text[:40]}"

    @property
    def is_artists(self) -> bool:
        return not self.role


class Reading(models.Model):
    """How far somebody has read the conversation about a clip: to the message ``upto``."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="review_readings"
    )
    clip = models.ForeignKey("generation.Clip", on_delete=models.CASCADE, related_name="+")
    upto = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "clip"], name="reading_once_a_clip")
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.upto}"

"""Notes on frames: words and drawings pinned to pictures of a clip, and what is answered."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

TEXT_MAX = 1000


class FrameNoteQuerySet(models.QuerySet["FrameNote"]):
    def to_artist(self) -> FrameNoteQuerySet:
        return self.filter(is_for_artist=True)


class FrameNote(models.Model):
    """What *author* says of the frames from ``first_frame`` to ``last_frame``, counted from 0.

    ``drawing`` is what ``review.drawings.read`` gives, [] for words alone. A reply has a ``parent``
    and its frames, and no drawing; only staff read it where they alone read the parent. Words never
    change; staff say that a note is resolved, and may say that it is not after all.
    """

    clip = models.ForeignKey(
        "generation.Clip", on_delete=models.PROTECT, related_name="frame_notes"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="frame_notes"
    )
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replies"
    )
    first_frame = models.PositiveIntegerField()
    last_frame = models.PositiveIntegerField()
    text = models.TextField(max_length=TEXT_MAX, blank=True)
    drawing = models.JSONField(default=list, blank=True)
    is_for_artist = models.BooleanField(default=False)
    written_at = models.DateTimeField(db_default=Now())
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[FrameNote]] = models.Manager.from_queryset(FrameNoteQuerySet)()

    class Meta:
        ordering = ["first_frame", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_frame__gte=F("first_frame")), name="frame_note_has_a_range"
            ),
            models.CheckConstraint(
                condition=Q(text__regex=r"\S") | ~Q(drawing=[]), name="frame_note_says_something"
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True)
                | Q(drawing=[], resolved_at__isnull=True, text__regex=r"\S"),
                name="frame_note_reply_is_words",
            ),
            models.CheckConstraint(
                condition=Q(resolved_at__isnull=True, resolved_by__isnull=True)
                | Q(resolved_at__isnull=False, resolved_by__isnull=False),
                name="frame_note_resolved_by_someone",
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="frame_note_words_fixed",
                fields=[
                    *("clip", "author", "parent", "first_frame", "last_frame", "text", "drawing"),
                    *("is_for_artist", "written_at"),
                ],
            ),
            pgtrigger.Protect(name="frame_note_kept", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="frame_note_in_its_place",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    IF NOT EXISTS (
                        SELECT FROM generation_clip
                        WHERE id = NEW.clip_id AND NEW.last_frame < lead_frames + frames
                    ) OR NEW.parent_id IS NOT NULL AND NOT EXISTS (
                        SELECT FROM review_framenote
                        WHERE id = NEW.parent_id AND clip_id = NEW.clip_id AND parent_id IS NULL
                          AND (is_for_artist OR NOT NEW.is_for_artist)
                    ) THEN
                        RAISE EXCEPTION 'framenote: on a frame of its clip, as its parent is'
                        USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.clip_id}: {self.first_frame + 1}"

    @property
    def number(self) -> int:
        """The first frame as people count, from 1."""
        return self.first_frame + 1

    @property
    def last_number(self) -> int:
        return self.last_frame + 1

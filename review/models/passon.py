"""Passing on: a reviewer leaves a clip to another, or to a lead, with a note. Append-only."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from review.models.conflict import not_in_conflict
from review.states import PASSED_TO, Opinion


class PassOn(models.Model):
    """That *reviewer* passed a review on, once and for good; *note* is for the team alone."""

    review = models.ForeignKey("review.Review", on_delete=models.PROTECT, related_name="passed_on")
    artist = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="passed_on"
    )
    to = models.CharField(max_length=6, choices=[(one.value, one.label) for one in PASSED_TO])
    note = models.TextField(max_length=1000)
    passed_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["review", "reviewer"], name="passon_once_per_person"),
            models.CheckConstraint(condition=Q(to__in=["second", "lead"]), name="passon_to_known"),
            models.CheckConstraint(condition=~Q(reviewer=F("artist")), name="passon_not_own_work"),
            models.CheckConstraint(condition=Q(note__regex=r"\S"), name="passon_has_words"),
        ]
        triggers = [
            not_in_conflict("passon_not_in_conflict"),
            pgtrigger.Protect(
                name="passon_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
            pgtrigger.Trigger(
                name="passon_of_what_waits",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    IF NOT EXISTS (
                        SELECT FROM review_review
                        WHERE id = NEW.review_id AND artist_id = NEW.artist_id
                          AND state = 'waiting'
                    ) OR EXISTS (
                        SELECT FROM review_decision
                        WHERE review_id = NEW.review_id AND reviewer_id = NEW.reviewer_id
                    ) THEN
                        RAISE EXCEPTION 'passon: of a waiting review that one has not judged'
                        USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reviewer}: {self.review_id} to {Opinion(self.to).label}"

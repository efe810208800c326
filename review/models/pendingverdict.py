"""Verdicts that were said and have not taken effect: for some seconds they can be undone."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from review.models.conflict import not_in_conflict
from review.states import REFUSALS, PendingEnd, Verdict

_SAYS = [verdict.value for verdict in (Verdict.APPROVE, *REFUSALS)]

# The queue reads of the review alone whether somebody has said something about it.
_MARK = """
    UPDATE review_review
    SET verdict_due_at = CASE WHEN NEW.ended_at IS NULL THEN NEW.takes_effect_at END
    WHERE id = NEW.review_id;
    RETURN NULL;
"""


class PendingVerdictQuerySet(models.QuerySet["PendingVerdict"]):
    def unended(self) -> PendingVerdictQuerySet:
        return self.filter(ended_at__isnull=True)


class PendingVerdict(models.Model):
    """What one person said about one review; it becomes a decision at ``takes_effect_at``.

    At most one per review is open, and while one is, nobody else decides. It ends as a decision,
    undone by who said it, or without effect, for the reason that ``problem`` codes. Verdicts of one
    press share a ``batch``.
    """

    review = models.ForeignKey("review.Review", on_delete=models.PROTECT, related_name="pending")
    artist = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    batch = models.UUIDField()
    verdict = models.CharField(
        max_length=10,
        choices=[(one.value, one.label) for one in (Verdict.APPROVE, *REFUSALS)],
    )
    reason = models.CharField(max_length=30, blank=True)
    note = models.TextField(blank=True, max_length=2000)
    seen_sha256 = models.CharField(max_length=64)
    seen_settings_sha256 = models.CharField(max_length=64)
    said_at = models.DateTimeField()
    takes_effect_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    end = models.CharField(max_length=10, choices=PendingEnd.choices, blank=True)
    problem = models.CharField(max_length=40, blank=True)

    objects: ClassVar[models.Manager[PendingVerdict]] = models.Manager.from_queryset(
        PendingVerdictQuerySet
    )()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["review"],
                condition=Q(ended_at__isnull=True),
                name="pending_one_open_per_review",
            ),
            models.CheckConstraint(
                condition=~Q(reviewer=F("artist")), name="pending_not_on_own_work"
            ),
            models.CheckConstraint(condition=Q(verdict__in=_SAYS), name="pending_verdict_known"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, end="")
                | Q(ended_at__isnull=False, end__in=PendingEnd.values),
                name="pending_ended_somehow",
            ),
        ]
        indexes = [
            models.Index(
                fields=["takes_effect_at"],
                condition=Q(ended_at__isnull=True),
                name="pending_by_moment",
            ),
        ]
        triggers = [
            not_in_conflict("pending_not_in_conflict"),
            pgtrigger.ReadOnly(
                name="pending_words_fixed",
                fields=[
                    *("review", "artist", "reviewer", "batch", "verdict", "reason", "note"),
                    *("seen_sha256", "seen_settings_sha256", "said_at", "takes_effect_at"),
                ],
            ),
            pgtrigger.Protect(
                name="pending_stays_ended",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__ended_at__isnull=False),
            ),
            pgtrigger.Protect(name="pending_kept", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="pending_of_what_waits",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    IF NOT EXISTS (
                        SELECT FROM review_review
                        WHERE id = NEW.review_id AND artist_id = NEW.artist_id
                          AND state = 'waiting'
                    ) THEN
                        RAISE EXCEPTION 'pending: of a waiting review of this artist'
                        USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="pending_marks_the_review",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=_MARK,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reviewer}: {self.verdict} {self.review_id}"

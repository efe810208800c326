"""Appeals: an artist's question whether a refusal was right, answered by somebody else."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from review.states import APPEAL_TRANSITIONS, AppealState


class AppealQuerySet(models.QuerySet["Appeal"]):
    def open(self) -> AppealQuerySet:
        return self.filter(state=AppealState.OPEN)

    def overdue(self) -> AppealQuerySet:
        return self.open().filter(due_at__lt=timezone.now())


_NO_ANSWER = Q(decided_by__isnull=True, answer="", overturning__isnull=True)
_ANSWER = Q(closed_at__isnull=False, decided_by__isnull=False, answer__regex=r"\S")


class Appeal(models.Model):
    """One appeal against one decision: a clip declined, or its approval withdrawn.

    A decision is appealed once. ``answer`` is what the artist reads of who decided it;
    ``overturning`` is the decision that released the clip after all. A closed one never changes.
    """

    decision = models.OneToOneField(
        "review.Decision", on_delete=models.PROTECT, related_name="appeal"
    )
    review = models.ForeignKey("review.Review", on_delete=models.PROTECT, related_name="appeals")
    artist = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    cohort = models.ForeignKey("portal.Cohort", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(
        max_length=10, choices=AppealState.choices, default=AppealState.OPEN, editable=False
    )
    text = models.TextField(max_length=2000)
    submitted_at = models.DateTimeField()
    due_at = models.DateTimeField()
    escalated_at = models.DateTimeField(null=True, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    answer = models.TextField(blank=True, max_length=2000)
    overturning = models.OneToOneField(
        "review.Decision", on_delete=models.PROTECT, null=True, related_name="granted_appeal"
    )

    objects: ClassVar[models.Manager[Appeal]] = models.Manager.from_queryset(AppealQuerySet)()

    class Meta:
        ordering = ["due_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=AppealState.values), name="appeal_state_known"
            ),
            models.CheckConstraint(condition=Q(text__regex=r"\S"), name="appeal_has_words"),
            models.CheckConstraint(
                condition=Q(due_at__gt=F("submitted_at")), name="appeal_due_after_submission"
            ),
            models.CheckConstraint(
                condition=(Q(state="open", closed_at__isnull=True) & _NO_ANSWER)
                | (Q(state="withdrawn", closed_at__isnull=False) & _NO_ANSWER)
                | (Q(state="upheld", overturning__isnull=True) & _ANSWER)
                | (Q(state="overturned", overturning__isnull=False) & _ANSWER),
                name="appeal_ends_whole",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("artist")),
                name="appeal_not_decided_by_its_artist",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(state="open"), name="appeal_queue"),
            models.Index(
                fields=["cohort", "due_at", "id"],
                condition=Q(state="open"),
                name="appeal_queue_of_cohort",
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="appeal_transitions",
                field="state",
                transitions=[
                    (old.value, new.value)
                    for old, news in APPEAL_TRANSITIONS.items()
                    for new in sorted(news)
                ],
            ),
            pgtrigger.ReadOnly(
                name="appeal_words_fixed",
                fields=[
                    *("decision", "review", "artist", "cohort", "text", "submitted_at", "due_at")
                ],
            ),
            pgtrigger.Protect(
                name="appeal_stays_closed",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__closed_at__isnull=False),
            ),
            pgtrigger.Protect(name="appeal_kept", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="appeal_of_newest_refusal",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("row", "record")],
                func="""
                    SELECT r.id, r.artist_id, r.cohort_id, r.state INTO row
                    FROM review_review r WHERE r.id = NEW.review_id FOR NO KEY UPDATE;
                    IF row.artist_id IS DISTINCT FROM NEW.artist_id
                       OR row.cohort_id IS DISTINCT FROM NEW.cohort_id THEN
                        RAISE EXCEPTION 'appeal: artist and cohort must be those of the review'
                        USING ERRCODE = 'check_violation';
                    END IF;
                    IF NEW.state <> 'open' THEN
                        RAISE EXCEPTION 'appeal: begins open'
                        USING ERRCODE = 'check_violation';
                    END IF;
                    IF row.state NOT IN ('declined', 'revoked') OR NEW.decision_id IS DISTINCT FROM
                       (SELECT max(id) FROM review_decision WHERE review_id = NEW.review_id) THEN
                        RAISE EXCEPTION 'appeal: only the newest refusal can be appealed'
                        USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="appeal_decided_by_another",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(new__decided_by__isnull=False),
                func="""
                    IF EXISTS (
                        SELECT FROM review_decision
                        WHERE review_id = NEW.review_id AND reviewer_id = NEW.decided_by_id
                          AND id IS DISTINCT FROM NEW.overturning_id
                    ) OR EXISTS (
                        SELECT FROM review_passon
                        WHERE review_id = NEW.review_id AND reviewer_id = NEW.decided_by_id
                    ) THEN
                        RAISE EXCEPTION 'appeal: decided by somebody without a part in the review'
                        USING ERRCODE = 'check_violation';
                    END IF;
                    IF EXISTS (
                        SELECT FROM review_conflict
                        WHERE person_id = NEW.decided_by_id AND artist_id = NEW.artist_id
                          AND ended_at IS NULL
                    ) THEN
                        RAISE EXCEPTION 'appeal: a conflict of interest with the artist'
                        USING ERRCODE = 'check_violation';
                    END IF;
                    IF NEW.overturning_id IS NOT NULL AND NOT EXISTS (
                        SELECT FROM review_decision
                        WHERE id = NEW.overturning_id AND review_id = NEW.review_id
                          AND reviewer_id = NEW.decided_by_id AND verdict = 'overturn'
                    ) THEN
                        RAISE EXCEPTION 'appeal: no decision of theirs overturns'
                        USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.artist}: {self.get_state_display()}"

    @property
    def is_open(self) -> bool:
        return self.state == AppealState.OPEN

    @property
    def is_overdue(self) -> bool:
        return self.is_open and self.due_at < timezone.now()

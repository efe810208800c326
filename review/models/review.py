"""Reviews: one clip's wait for a decision."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from review.states import LIVE, REVIEW_TRANSITIONS, Opinion, ReviewState


def hour_of(moment: datetime) -> datetime:
    """The hour that *moment* lies in, as ``due_hour`` has it."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def overdue_at(moment: datetime) -> Q:
    """Due before *moment*; the hour lets the index of the queue answer it."""
    return Q(due_hour__lte=hour_of(moment), due_at__lt=moment)


class ReviewQuerySet(models.QuerySet["Review"]):
    def waiting(self) -> ReviewQuerySet:
        return self.filter(state=ReviewState.WAITING)

    def live(self) -> ReviewQuerySet:
        """Waiting or approved: at most one per clip."""
        return self.filter(state__in=LIVE)

    def overdue(self) -> ReviewQuerySet:
        return self.waiting().filter(overdue_at(timezone.now()))


_WAITING = Q(state="waiting")
_SECOND = Q(state="waiting", waits_for__in=["second", "lead"])
_DECIDED = Q(state__in=["approved", "declined", "changes", "revoked"])


def _in_both_orders(*of: str) -> list[models.Index]:
    """What waits, what of it for a second opinion, and what is decided, in their tabs' order."""
    suffix = "".join(f"_of_{name}" for name in of)
    return [
        models.Index(
            fields=[*of, "due_hour", "turn", "due_at", "id"],
            condition=_WAITING,
            name=f"review_queue{suffix}",
        ),
        models.Index(
            fields=[*of, "due_hour", "turn", "due_at", "id"],
            condition=_SECOND,
            name=f"review_second{suffix}",
        ),
        models.Index(
            fields=[*of, "-closed_at", "-id"], condition=_DECIDED, name=f"review_decided{suffix}"
        ),
    ]


class Review(models.Model):
    """That a clip was put before the programme's reviewers, and how it stands.

    ``state`` follows from the newest decision: the database refuses an approved review without
    an approval. ``due_at`` is a whole minute, ``due_hour`` the hour it lies in. ``turn`` counts an
    artist's clips that wait in one such hour: the first of every artist goes before the second of
    any, see ``review.order``.
    ``waits_for`` says whose opinion is asked for: anybody's, a second person's, or a lead's.
    ``verdict_due_at`` is set while a verdict was given that can be undone until then; the database
    keeps it, see ``PendingVerdict``.
    ``approvals_needed`` different people approve before the clip may leave: what the cohort asked
    for when it was submitted. ``follows`` is the review that asked for changes and is answered by
    this one, ``round`` counts such answers from 1. ``submitted_by`` is empty when the cohort sends
    every finished clip by itself.
    """

    clip = models.ForeignKey("generation.Clip", on_delete=models.PROTECT, related_name="reviews")
    artist = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reviews"
    )
    cohort = models.ForeignKey("portal.Cohort", on_delete=models.PROTECT, related_name="reviews")
    state = models.CharField(
        max_length=10,
        choices=ReviewState.choices,
        default=ReviewState.WAITING,
        editable=False,
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    note = models.TextField(blank=True, max_length=1000)
    submitted_at = models.DateTimeField()
    due_at = models.DateTimeField()
    due_hour = models.GeneratedField(
        expression=models.Func(
            models.F("due_at"),
            template="date_bin(INTERVAL '1 hour', %(expressions)s, "
            "TIMESTAMPTZ '2000-01-01 00:00:00+00')",
        ),
        output_field=models.DateTimeField(),
        db_persist=True,
    )
    turn = models.PositiveIntegerField(default=1)
    approvals_needed = models.PositiveSmallIntegerField(default=1, db_default=1)
    waits_for = models.CharField(
        max_length=6,
        choices=Opinion.choices,
        default=Opinion.FIRST,
        db_default=Opinion.FIRST,
        editable=False,
    )
    follows = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="answers",
        db_index=False,
    )
    round = models.PositiveSmallIntegerField(default=1, db_default=1, editable=False)
    verdict_due_at = models.DateTimeField(null=True, editable=False)
    escalated_at = models.DateTimeField(null=True, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[models.Manager[Review]] = models.Manager.from_queryset(ReviewQuerySet)()

    class Meta:
        ordering = ["due_hour", "turn", "due_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["clip"],
                condition=Q(state__in=["waiting", "approved"]),
                name="review_one_live_per_clip",
            ),
            models.CheckConstraint(
                condition=Q(state__in=ReviewState.values), name="review_state_known"
            ),
            models.CheckConstraint(
                condition=Q(approvals_needed__in=[1, 2]), name="review_one_or_two_approvals"
            ),
            models.CheckConstraint(
                condition=Q(waits_for__in=Opinion.values), name="review_waits_for_known"
            ),
            models.CheckConstraint(
                condition=Q(due_at__gt=models.F("submitted_at")), name="review_due_after_submission"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", closed_at__isnull=True)
                | (~Q(state="waiting") & Q(closed_at__isnull=False)),
                name="review_closed_when_not_waiting",
            ),
        ]
        indexes = [
            *_in_both_orders(),
            *_in_both_orders("cohort"),
            *_in_both_orders("artist"),
            models.Index(fields=["clip", "-id"], name="review_newest_of_clip"),
            models.Index(
                fields=["follows"], condition=Q(follows__isnull=False), name="review_answering"
            ),
            models.Index(fields=["cohort", "state"], name="review_by_cohort"),
        ]
        triggers = [
            pgtrigger.FSM(
                name="review_transitions",
                field="state",
                transitions=[
                    (old.value, new.value)
                    for old, news in REVIEW_TRANSITIONS.items()
                    for new in sorted(news)
                ],
            ),
            pgtrigger.ReadOnly(
                name="review_subject_fixed",
                fields=[
                    *("clip", "artist", "cohort", "submitted_by", "note", "submitted_at"),
                    *("approvals_needed", "follows", "round"),
                ],
            ),
            pgtrigger.Protect(name="review_kept", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="review_artist_owns_clip",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("owner", "bigint"), ("home", "bigint")],
                func="""
                    SELECT artist_id, cohort_id INTO owner, home
                    FROM generation_clip WHERE id = NEW.clip_id;
                    IF owner IS DISTINCT FROM NEW.artist_id
                       OR home IS DISTINCT FROM NEW.cohort_id THEN
                        RAISE EXCEPTION 'review: artist and cohort must be those of the clip'
                        USING ERRCODE = 'check_violation';
                    END IF;
                    IF NEW.state <> 'waiting' THEN
                        RAISE EXCEPTION 'review: begins waiting'
                        USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="review_answers_changes",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    IF NEW.follows_id IS NULL THEN
                        IF NEW.round <> 1 THEN
                            RAISE EXCEPTION 'review: the first round follows nothing'
                            USING ERRCODE = 'check_violation';
                        END IF;
                    ELSIF NOT EXISTS (
                        SELECT FROM review_review earlier
                        WHERE earlier.id = NEW.follows_id AND earlier.state = 'changes'
                          AND earlier.artist_id = NEW.artist_id
                          AND earlier.cohort_id = NEW.cohort_id
                          AND earlier.clip_id <> NEW.clip_id AND earlier.round = NEW.round - 1
                    ) THEN
                        RAISE EXCEPTION 'review: follows one that asked this artist for changes'
                        USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="review_waits_for_a_cause",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("waits_for"),  # type: ignore[no-untyped-call]
                func="""
                    IF NEW.waits_for <> OLD.waits_for AND (
                        NEW.waits_for = 'first' OR OLD.state <> 'waiting' OR NOT (
                            EXISTS (SELECT FROM review_decision WHERE review_id = NEW.id)
                            OR EXISTS (SELECT FROM review_passon WHERE review_id = NEW.id)
                        )
                    ) THEN
                        RAISE EXCEPTION 'review: nobody asked for another opinion'
                        USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="review_state_follows_decision",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("state"),  # type: ignore[no-untyped-call]
                declare=[("newest", "text"), ("approvals", "bigint")],
                func="""
                    IF NEW.state IN ('approved', 'declined', 'changes', 'revoked') THEN
                        SELECT verdict INTO newest FROM review_decision
                        WHERE review_id = NEW.id ORDER BY id DESC LIMIT 1;
                        IF (NEW.state <> 'approved' OR newest IS DISTINCT FROM 'overturn')
                           AND newest IS DISTINCT FROM (CASE NEW.state
                            WHEN 'approved' THEN 'approve'
                            WHEN 'declined' THEN 'decline'
                            WHEN 'changes' THEN 'changes'
                            ELSE 'revoke' END) THEN
                            RAISE EXCEPTION 'review: no decision says %', NEW.state
                            USING ERRCODE = 'check_violation';
                        END IF;
                        SELECT count(*) INTO approvals FROM review_decision
                        WHERE review_id = NEW.id AND verdict = 'approve';
                        IF NEW.state = 'approved' AND newest = 'approve'
                           AND approvals < NEW.approvals_needed THEN
                            RAISE EXCEPTION 'review: it has % of % approvals',
                                approvals, NEW.approvals_needed
                            USING ERRCODE = 'check_violation';
                        END IF;
                        IF NEW.state IN ('declined', 'changes') AND approvals > 0
                           AND OLD.waits_for <> 'lead' THEN
                            RAISE EXCEPTION 'review: opinions differ, a lead decides'
                            USING ERRCODE = 'check_violation';
                        END IF;
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.clip_id}: {self.state}"

    @property
    def is_waiting(self) -> bool:
        return self.state == ReviewState.WAITING

    @property
    def is_overdue(self) -> bool:
        return self.is_waiting and self.due_at < timezone.now()

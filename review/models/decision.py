"""Decisions: append-only, each bound to the exact bytes and settings it was made on."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q

from review.models.conflict import not_in_conflict
from review.reasons import CODES, Reason, by_code
from review.states import Verdict

_SHA256 = "^[0-9a-f]{64}$"


class Decision(models.Model):
    """What one person decided about one review, and about which clip exactly.

    ``sha256`` is the hex digest of the original's bytes, ``settings_sha256`` that of prompt,
    model, weights and settings; both are copied from the clip at that moment, together with the
    prompt, the model's key and the settings in full, so that a decision can be read without the
    clip. A review has as many approvals as it needs, or one refusal. Where somebody refuses after
    another approved, both are opinions, and a lead's verdict ends it. One person decides once, and
    who passed a review on does not. An approval may be revoked; an appeal may overturn the newest
    refusal.
    """

    review = models.ForeignKey("review.Review", on_delete=models.PROTECT, related_name="decisions")
    artist = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="decisions"
    )
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    reason = models.CharField(max_length=30, blank=True)
    note = models.TextField(blank=True, max_length=2000)
    sha256 = models.CharField(max_length=64)
    settings_sha256 = models.CharField(max_length=64)
    prompt = models.TextField()
    model_key = models.CharField(max_length=80)
    settings = models.JSONField(encoder=DjangoJSONEncoder)
    decided_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["review", "reviewer"],
                condition=Q(verdict__in=["approve", "decline", "changes", "overturn"]),
                name="decision_one_verdict_per_person",
            ),
            models.CheckConstraint(
                condition=Q(verdict__in=Verdict.values), name="decision_verdict_known"
            ),
            models.CheckConstraint(
                condition=~Q(reviewer=F("artist")), name="decision_not_on_own_work"
            ),
            models.CheckConstraint(
                condition=Q(verdict__in=["approve", "overturn"], reason="")
                | Q(verdict__in=["decline", "changes", "revoke"], reason__in=CODES),
                name="decision_reason_published",
            ),
            models.CheckConstraint(
                condition=Q(verdict="approve") | Q(note__regex=r"\S"),
                name="decision_refusal_has_words",
            ),
            models.CheckConstraint(
                condition=Q(sha256__regex=_SHA256, settings_sha256__regex=_SHA256),
                name="decision_hashes_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["review", "-id"], name="decision_newest_of_review"),
        ]
        triggers = [
            not_in_conflict("decision_not_in_conflict"),
            pgtrigger.Protect(
                name="decision_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
            pgtrigger.Trigger(
                name="decision_covers_the_clip",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("row", "record"), ("newest", "record")],
                func="""
                    SELECT r.artist_id, r.cohort_id, r.state, r.approvals_needed, r.waits_for,
                           c.sha256, c.settings_sha256
                    INTO row
                    FROM review_review r JOIN generation_clip c ON c.id = r.clip_id
                    WHERE r.id = NEW.review_id FOR NO KEY UPDATE OF r;
                    IF row.artist_id IS DISTINCT FROM NEW.artist_id THEN
                        RAISE EXCEPTION 'decision: artist must be the one of the review'
                        USING ERRCODE = 'check_violation';
                    END IF;
                    IF NEW.verdict = 'revoke' THEN
                        SELECT verdict INTO newest FROM review_decision
                        WHERE review_id = NEW.review_id ORDER BY id DESC LIMIT 1;
                        IF row.state <> 'approved' OR newest.verdict = 'revoke' THEN
                            RAISE EXCEPTION 'decision: only an approval can be revoked'
                            USING ERRCODE = 'check_violation';
                        END IF;
                    ELSIF NEW.verdict = 'overturn' THEN
                        SELECT id INTO newest FROM review_decision
                        WHERE review_id = NEW.review_id ORDER BY id DESC LIMIT 1;
                        IF row.state NOT IN ('declined', 'revoked') OR NOT EXISTS (
                            SELECT FROM review_appeal
                            WHERE decision_id = newest.id AND state = 'open'
                        ) THEN
                            RAISE EXCEPTION 'decision: no open appeal asks for it'
                            USING ERRCODE = 'check_violation';
                        ELSIF EXISTS (
                            SELECT FROM review_decision
                            WHERE review_id = NEW.review_id AND reviewer_id = NEW.reviewer_id
                        ) THEN
                            RAISE EXCEPTION 'decision: an appeal is decided by somebody else'
                            USING ERRCODE = 'check_violation';
                        ELSIF row.sha256 <> NEW.sha256
                           OR row.settings_sha256 <> NEW.settings_sha256 THEN
                            RAISE EXCEPTION 'decision: hashes are not those of the clip'
                            USING ERRCODE = 'check_violation';
                        END IF;
                    ELSIF row.state <> 'waiting' THEN
                        RAISE EXCEPTION 'decision: the review is not waiting'
                        USING ERRCODE = 'check_violation';
                    ELSIF (
                        SELECT approvals >= row.approvals_needed OR refusals
                            > CASE WHEN approvals > 0 AND row.waits_for = 'lead' THEN 1 ELSE 0 END
                        FROM (
                            SELECT count(*) FILTER (WHERE verdict = 'approve') AS approvals,
                                count(*) FILTER (WHERE verdict <> 'approve') AS refusals
                            FROM review_decision WHERE review_id = NEW.review_id
                        ) given
                    ) THEN
                        RAISE EXCEPTION 'decision: the review has its verdict'
                        USING ERRCODE = 'check_violation';
                    ELSIF row.waits_for = 'lead' AND NOT EXISTS (
                        SELECT FROM portal_rolegrant
                        WHERE user_id = NEW.reviewer_id AND role = 'lead' AND revoked_at IS NULL
                          AND (cohort_id IS NULL OR cohort_id = row.cohort_id)
                    ) THEN
                        RAISE EXCEPTION 'decision: a lead decides this one'
                        USING ERRCODE = 'check_violation';
                    ELSIF EXISTS (
                        SELECT FROM review_passon
                        WHERE review_id = NEW.review_id AND reviewer_id = NEW.reviewer_id
                    ) THEN
                        RAISE EXCEPTION 'decision: the reviewer passed it on'
                        USING ERRCODE = 'check_violation';
                    ELSIF EXISTS (
                        SELECT FROM review_pendingverdict
                        WHERE review_id = NEW.review_id AND reviewer_id <> NEW.reviewer_id
                          AND ended_at IS NULL
                    ) THEN
                        RAISE EXCEPTION 'decision: somebody else gave a verdict just now'
                        USING ERRCODE = 'check_violation';
                    ELSIF row.sha256 <> NEW.sha256
                       OR row.settings_sha256 <> NEW.settings_sha256 THEN
                        RAISE EXCEPTION 'decision: hashes are not those of the clip'
                        USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reviewer}: {self.verdict} {self.review_id}"

    @property
    def published_reason(self) -> Reason | None:
        """The reason with its title and explanation; None for an approval."""
        return by_code(self.reason)

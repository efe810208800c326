"""Claims: who has a clip open."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from review.models.conflict import not_in_conflict


class ClaimQuerySet(models.QuerySet["Claim"]):
    def unreleased(self) -> ClaimQuerySet:
        return self.filter(released_at__isnull=True)

    def live(self) -> ClaimQuerySet:
        """Unreleased, and the lease has not run out."""
        return self.unreleased().filter(lease_until__gt=timezone.now())


class Claim(models.Model):
    """A reviewer's lease on one review, renewed while the page is open.

    One unreleased claim per review. A lapsed lease counts as returned: whoever opens the clip
    next releases it and takes their own.
    """

    review = models.ForeignKey("review.Review", on_delete=models.PROTECT, related_name="claims")
    artist = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="claims"
    )
    claimed_at = models.DateTimeField()
    lease_until = models.DateTimeField()
    released_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[Claim]] = models.Manager.from_queryset(ClaimQuerySet)()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["review"],
                condition=Q(released_at__isnull=True),
                name="claim_one_live_per_review",
            ),
            models.CheckConstraint(
                condition=~Q(reviewer=F("artist")), name="claim_not_of_own_work"
            ),
            models.CheckConstraint(
                condition=Q(lease_until__gt=F("claimed_at")), name="claim_lease_after_start"
            ),
        ]
        indexes = [
            models.Index(
                fields=["reviewer"],
                condition=Q(released_at__isnull=True),
                name="claim_open_by_reviewer",
            ),
        ]
        triggers = [
            not_in_conflict("claim_not_in_conflict"),
            pgtrigger.ReadOnly(
                name="claim_holder_fixed", fields=["review", "artist", "reviewer", "claimed_at"]
            ),
            pgtrigger.Trigger(
                name="claim_artist_is_reviews",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    IF NEW.artist_id IS DISTINCT FROM
                       (SELECT artist_id FROM review_review WHERE id = NEW.review_id) THEN
                        RAISE EXCEPTION 'claim: artist must be the one of the review'
                        USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reviewer} has {self.review_id}"

    @property
    def is_live(self) -> bool:
        return self.released_at is None and self.lease_until > timezone.now()

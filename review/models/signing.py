"""The signed copies of an approved clip, and the job that makes them."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from generation.states import Variant
from review.states import SIGNING_TRANSITIONS, SigningProblem, SigningState

# What leaves signed, and the fields that name the copies.
COPIES: tuple[Variant, ...] = (Variant.MASTER, Variant.COVER, Variant.POSTER)


class SigningQuerySet(models.QuerySet["Signing"]):
    def due(self, now: datetime) -> SigningQuerySet:
        """To be signed, by nobody yet or by somebody who was not heard of again."""
        return self.filter(
            Q(lease_until__isnull=True) | Q(lease_until__lte=now),
            state=SigningState.WAITING,
            next_at__lte=now,
        )

    def under_way(self, now: datetime) -> SigningQuerySet:
        return self.filter(state=SigningState.WAITING, lease_until__gt=now)


class Signing(models.Model):
    """One for each standing approval.

    ``master``, ``cover`` and ``poster`` name the copies in the storage, and the ``…_sha256`` are
    the hex digests of their bytes; they count while the state is ``signed``. ``ticket`` belongs to
    the job that is at it until ``lease_until``; whoever comes back with another one changes
    nothing. ``credit`` is the name that the credential says, or "".
    """

    decision = models.OneToOneField(
        "review.Decision", on_delete=models.PROTECT, related_name="signing"
    )
    state = models.CharField(
        max_length=10, choices=SigningState.choices, default=SigningState.WAITING
    )
    created_at = models.DateTimeField(db_default=Now())
    tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    next_at = models.DateTimeField(db_default=Now())
    lease_until = models.DateTimeField(null=True)
    ticket = models.UUIDField(null=True)
    problem = models.CharField(
        max_length=20, choices=SigningProblem.choices, blank=True, db_default=""
    )
    # For staff.
    detail = models.TextField(blank=True, db_default="")
    told_at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True)
    certificate_sha256 = models.CharField(max_length=64, blank=True, db_default="")
    credit = models.CharField(max_length=120, blank=True, db_default="")
    master = models.CharField(max_length=200, blank=True, db_default="")
    master_sha256 = models.CharField(max_length=64, blank=True, db_default="")
    cover = models.CharField(max_length=200, blank=True, db_default="")
    cover_sha256 = models.CharField(max_length=64, blank=True, db_default="")
    poster = models.CharField(max_length=200, blank=True, db_default="")
    poster_sha256 = models.CharField(max_length=64, blank=True, db_default="")

    objects: ClassVar[models.Manager[Signing]] = models.Manager.from_queryset(SigningQuerySet)()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=SigningState.values), name="signing_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="signed")
                | Q(
                    signed_at__isnull=False,
                    certificate_sha256__gt="",
                    lease_until__isnull=True,
                    problem="",
                    **{f"{copy.value}__gt": "" for copy in COPIES},
                    **{f"{copy.value}_sha256__regex": "^[0-9a-f]{64}$" for copy in COPIES},
                ),
                name="signing_signed_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(lease_until__isnull=True, ticket__isnull=True)
                | Q(lease_until__isnull=False, ticket__isnull=False),
                name="signing_lease_has_a_ticket",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at", "id"], condition=Q(state="waiting"), name="signing_waiting"
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="signing_transitions",
                field="state",
                transitions=[
                    (old.value, new.value)
                    for old, news in SIGNING_TRANSITIONS.items()
                    for new in sorted(news)
                ],
            ),
            pgtrigger.ReadOnly(name="signing_decision_fixed", fields=["decision"]),
            pgtrigger.Trigger(
                name="signing_under_an_approval",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("state"),  # type: ignore[no-untyped-call]
                condition=~pgtrigger.Q(new__state="withdrawn"),
                func="""
                    IF NOT EXISTS (
                        SELECT FROM review_decision d JOIN review_review r ON r.id = d.review_id
                        WHERE d.id = NEW.decision_id
                          AND d.verdict IN ('approve', 'overturn') AND r.state = 'approved'
                    ) THEN
                        RAISE EXCEPTION 'signing: no approval stands'
                        USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.decision_id}: {self.state}"

    @property
    def is_signed(self) -> bool:
        return self.state == SigningState.SIGNED

    @property
    def names(self) -> list[str]:
        """Of the copies that may lie in the storage."""
        return [name for copy in COPIES if (name := getattr(self, copy.value))]

    def copy_of(self, variant: Variant) -> tuple[str, str]:
        """Name in the storage and hex SHA-256 of the signed *variant*."""
        return getattr(self, variant.value), getattr(self, f"{variant.value}_sha256")

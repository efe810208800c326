"""Takeouts: everything that is a person's, in one file that they ask for."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from portal.states import steps
from portal.takeout_states import TAKEOUT_TRANSITIONS, TakeoutState


class Takeout(models.Model):
    """One file that one person asked for.

    ``holder`` is the worker's token while it is built; whoever takes a lapsed one over has another,
    and the first can write no more. ``file`` is the private name in the storage from the moment
    that building begins until the file is removed. ``part`` is the key of what is being written and
    ``parts_done`` of ``parts_all`` how far it is. ``size`` is in bytes, ``sha256`` the file's hex
    digest. ``problem`` says why it failed or ended before its time: ``"worker"``, ``"error"``,
    ``"revoked"`` or ``"account"``.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="takeouts"
    )
    state = models.CharField(
        max_length=10, choices=TakeoutState.choices, default=TakeoutState.ASKED, editable=False
    )
    asked_at = models.DateTimeField(db_default=Now())
    holder = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    part = models.CharField(max_length=40, blank=True)
    parts_done = models.PositiveSmallIntegerField(default=0)
    parts_all = models.PositiveSmallIntegerField(default=0)
    file = models.CharField(max_length=200, blank=True)
    size = models.BigIntegerField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    fetched_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=20, blank=True)

    objects: ClassVar[models.Manager[Takeout]] = models.Manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(state__in=["asked", "building"]),
                name="takeout_one_live_per_person",
            ),
            models.UniqueConstraint(
                fields=["state"], condition=Q(state="building"), name="takeout_one_built_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(state__in=TakeoutState.values), name="takeout_state_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    state="building",
                    holder__isnull=False,
                    lease_until__isnull=False,
                    file__gt="",
                )
                | (~Q(state="building") & Q(holder__isnull=True, lease_until__isnull=True)),
                name="takeout_building_is_held",
            ),
            models.CheckConstraint(
                condition=~Q(state="ready")
                | Q(
                    file__gt="",
                    size__gt=0,
                    sha256__regex="^[0-9a-f]{64}$",
                    ready_at__isnull=False,
                    expires_at__gt=models.F("ready_at"),
                ),
                name="takeout_ready_has_a_file",
            ),
            models.CheckConstraint(
                condition=~Q(state="failed") | ~Q(problem=""), name="takeout_failed_says_why"
            ),
        ]
        indexes = [
            models.Index(
                fields=["asked_at"],
                condition=Q(state__in=["asked", "building"]),
                name="takeout_to_build",
            ),
            models.Index(fields=["expires_at"], condition=Q(state="ready"), name="takeout_to_end"),
        ]
        triggers = [
            pgtrigger.FSM(
                name="takeout_steps", field="state", transitions=steps(TAKEOUT_TRANSITIONS)
            ),
            pgtrigger.ReadOnly(name="takeout_is_whose_it_was", fields=["person", "asked_at"]),
        ]

    def __str__(self) -> str:
        return f"takeout of {self.person}"

    @property
    def is_live(self) -> bool:
        return self.state in {TakeoutState.ASKED, TakeoutState.BUILDING}

    @property
    def is_ready(self) -> bool:
        return self.state == TakeoutState.READY

"""A program that asks to be let in by a code (RFC 8628)."""

from __future__ import annotations

from datetime import datetime

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.models.access_key import LONGEST_NAME
from portal.states import DEVICE_LOGIN_TRANSITIONS, DeviceLoginState, steps


class DeviceLogin(models.Model):
    """One request for a key, from its codes to the one time the key is fetched.

    Both codes are hashed: ``device_digest``, hex SHA-256 of the program's 256 random bits;
    ``user_digest``, hex HMAC with the installation's secret of the short code a person types, which
    a plain hash would not hide. ``interval`` is how many seconds the program waits between two
    questions. Key name, cohort and days are those the person chose; the key itself is made when
    it is fetched, and stands nowhere in the clear.
    """

    device_digest = models.CharField(max_length=64, unique=True, editable=False)
    user_digest = models.CharField(max_length=64, unique=True, editable=False)
    client = models.CharField(max_length=LONGEST_NAME, editable=False)
    address = models.GenericIPAddressField(null=True, editable=False)
    state = models.CharField(
        max_length=10,
        choices=DeviceLoginState.choices,
        default=DeviceLoginState.ASKED,
        editable=False,
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(editable=False)
    interval = models.PositiveSmallIntegerField(editable=False)
    asked_at = models.DateTimeField(null=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        editable=False,
        related_name="device_logins",
    )
    decided_at = models.DateTimeField(null=True, editable=False)
    cohort = models.ForeignKey(
        "portal.Cohort", on_delete=models.CASCADE, null=True, editable=False, related_name="+"
    )
    key_name = models.CharField(max_length=LONGEST_NAME, blank=True, editable=False)
    key_days = models.PositiveSmallIntegerField(null=True, editable=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=DeviceLoginState.values), name="device_login_state_known"
            ),
            models.CheckConstraint(
                condition=Q(device_digest__regex=r"^[0-9a-f]{64}$")
                & Q(user_digest__regex=r"^[0-9a-f]{64}$"),
                name="device_login_is_hashed",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="device_login_lives"
            ),
            models.CheckConstraint(
                condition=Q(state="asked", decided_by__isnull=True, decided_at__isnull=True)
                | (~Q(state="asked") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="device_login_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["asked", "refused"])
                | (Q(cohort__isnull=False, key_days__gte=1) & ~Q(key_name="")),
                name="device_login_confirmed_with_terms",
            ),
        ]
        indexes = [models.Index(fields=["created_at"], name="device_login_by_age")]
        triggers = [
            # A key is fetched once: nothing leads back from "used".
            pgtrigger.FSM(
                name="device_login_steps",
                field="state",
                transitions=steps(DEVICE_LOGIN_TRANSITIONS),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.client} ({self.state})"

    def waits(self, now: datetime | None = None) -> bool:
        """Whether somebody may still answer it."""
        return self.state == DeviceLoginState.ASKED and (now or timezone.now()) < self.expires_at

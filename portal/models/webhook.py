"""Webhooks: where scripts want to be told what became of clips, and what each was told."""

from __future__ import annotations

from datetime import datetime

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.states import (
    DELIVERY_TRANSITIONS,
    ENDPOINT_TRANSITIONS,
    DeliveryState,
    EndpointState,
    WebhookEvent,
    steps,
)

LONGEST_NAME = 60
LONGEST_URL = 500
LONGEST_ANSWER = 1024


class WebhookEndpoint(models.Model):
    """An address that is told of the clips of ``owner`` in ``cohort``, or of all of the cohort's.

    ``sealed`` is the secret its events are signed with (see ``portal.sealing``), ``sealed_old`` the
    one before, which signs too until ``overlap_ends_at``. ``failing_since`` is the first failure
    after the last success. Its owner, cohort and age stay; a removed one keeps no secret.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="webhooks",
    )
    cohort = models.ForeignKey(
        "portal.Cohort", on_delete=models.PROTECT, editable=False, related_name="webhooks"
    )
    name = models.CharField(_("name"), max_length=LONGEST_NAME)
    url = models.CharField(_("address"), max_length=LONGEST_URL)
    events = ArrayField(models.CharField(max_length=20, choices=WebhookEvent.choices))
    state = models.CharField(
        max_length=10, choices=EndpointState.choices, default=EndpointState.ACTIVE, editable=False
    )
    sealed = models.TextField(editable=False)
    sealed_old = models.TextField(blank=True, editable=False)
    overlap_ends_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_try_at = models.DateTimeField(null=True, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    removed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(
                fields=["cohort", "owner"], condition=~Q(state="removed"), name="webhook_listening"
            )
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(name__regex=r"^\s*$"), name="webhook_has_a_name"),
            models.CheckConstraint(
                condition=Q(url__regex=r"^https?://[^\s]+$"), name="webhook_url_is_http"
            ),
            models.CheckConstraint(
                condition=Q(events__contained_by=WebhookEvent.values) & Q(events__len__gte=1),
                name="webhook_events_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=EndpointState.values), name="webhook_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="removed", removed_at__isnull=False, sealed="")
                | (~Q(state="removed") & Q(removed_at__isnull=True) & ~Q(sealed="")),
                name="webhook_has_a_secret_until_removed",
            ),
            models.CheckConstraint(
                condition=Q(sealed_old="", overlap_ends_at__isnull=True)
                | (~Q(sealed_old="") & Q(overlap_ends_at__isnull=False)),
                name="webhook_old_secret_ends",
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="webhook_steps", field="state", transitions=steps(ENDPOINT_TRANSITIONS)
            ),
            pgtrigger.ReadOnly(
                name="webhook_is_whose_it_was", fields=["owner", "cohort", "created_at"]
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def is_overlapping(self, now: datetime | None = None) -> bool:
        """Whether the secret before this one signs too."""
        return self.overlap_ends_at is not None and self.overlap_ends_at > (now or timezone.now())


class WebhookDelivery(models.Model):
    """One event on its way to one endpoint, and what became of it.

    ``event_id`` is the same for every endpoint that is told of the event, and for a repetition.
    ``subject`` is the clip's name in the API; what is about the same one is sent in the order of
    ``id``. ``status`` is the HTTP status of the newest answer, ``answer`` how it began, ``took_ms``
    milliseconds, and ``error`` why there was none. ``first_try_at`` is what giving up counts from.
    """

    endpoint = models.ForeignKey(
        WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries"
    )
    event_id = models.UUIDField()
    type = models.CharField(max_length=20, choices=WebhookEvent.choices)
    subject = models.CharField(max_length=60)
    happened_at = models.DateTimeField()
    is_test = models.BooleanField(default=False)
    is_repeat = models.BooleanField(default=False)
    state = models.CharField(
        max_length=10, choices=DeliveryState.choices, default=DeliveryState.WAITING
    )
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    next_try_at = models.DateTimeField(default=timezone.now)
    first_try_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    took_ms = models.PositiveIntegerField(null=True)
    answer = models.CharField(max_length=LONGEST_ANSWER, blank=True)
    error = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["endpoint", "subject", "id"],
                condition=Q(state__in=["waiting", "sending"]),
                name="delivery_to_send",
            ),
            models.Index(fields=["endpoint", "-id"], name="delivery_log"),
            models.Index(fields=["created_at"], name="delivery_age"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=DeliveryState.values), name="delivery_state_known"
            ),
            models.CheckConstraint(
                condition=Q(type__in=WebhookEvent.values), name="delivery_type_known"
            ),
            models.CheckConstraint(
                condition=Q(state="sending", lease_until__isnull=False)
                | (~Q(state="sending") & Q(lease_until__isnull=True)),
                name="delivery_sending_has_a_lease",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["delivered", "given_up"], settled_at__isnull=False)
                | (Q(state__in=["waiting", "sending"]) & Q(settled_at__isnull=True)),
                name="delivery_settled_at_a_moment",
            ),
            models.CheckConstraint(
                condition=Q(status__isnull=True) | Q(status__gte=100, status__lte=999),
                name="delivery_status_is_http",
            ),
            models.UniqueConstraint(
                fields=["endpoint", "event_id"],
                condition=Q(is_repeat=False),
                name="delivery_once_per_event",
            ),
            models.UniqueConstraint(
                fields=["endpoint", "event_id"],
                condition=Q(state__in=["waiting", "sending"]),
                name="delivery_waits_once",
            ),
            models.UniqueConstraint(
                fields=["endpoint"],
                condition=Q(is_test=True, state__in=["waiting", "sending"]),
                name="delivery_one_test_at_a_time",
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="delivery_steps", field="state", transitions=steps(DELIVERY_TRANSITIONS)
            ),
            pgtrigger.ReadOnly(
                name="delivery_says_what_it_said",
                fields=[
                    "endpoint",
                    "event_id",
                    "type",
                    "subject",
                    "happened_at",
                    "is_test",
                    "is_repeat",
                    "created_at",
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} of {self.subject}"

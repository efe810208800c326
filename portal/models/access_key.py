"""Access keys: how an artist's scripts come in, and the canaries nobody should use."""

from __future__ import annotations

from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.requests import Address, Network
from portal.states import KEY_TRANSITIONS, KeyKind, KeyState, Scope, steps

if TYPE_CHECKING:
    NetworkField = models.Field[Network | None, Network | None]
else:
    NetworkField = models.Field

LONGEST_LIFE = timedelta(days=365)
MOST_RANGES = 20
LONGEST_NAME = 60


class CidrField(NetworkField):
    """PostgreSQL's ``cidr``: an ``IPv4Network`` or ``IPv6Network``."""

    def db_type(self, connection: Any) -> str:
        return "cidr"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return self.to_python(value)

    def to_python(self, value: Any) -> Any:
        return ip_network(value) if isinstance(value, str) else value

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else str(value)


class AccessKey(models.Model):
    """One key of one artist in one cohort, or a cohort's canary.

    ``digest`` is the hex SHA-256 of the key; the key itself is stored nowhere. ``hint`` tells keys
    apart on a page. ``gpu_seconds`` is what clips made with it may take in all, and
    ``rate_per_minute`` how many requests it may make; None sets no limit. An empty ``ip_ranges``
    lets it work from anywhere.

    A rotated key is a new row that ``replaces`` the old one, which works until
    ``overlap_ends_at``. ``last_used_from`` is a neighbourhood (/24, /48), not an address.
    ``reported_at`` is when somebody handed the key in as found, on the site ``found_on``;
    ``alarmed_at`` when a canary was first used.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="access_keys"
    )
    cohort = models.ForeignKey(
        "portal.Cohort", on_delete=models.PROTECT, related_name="access_keys"
    )
    kind = models.CharField(
        max_length=10, choices=KeyKind.choices, default=KeyKind.PERSON, editable=False
    )
    name = models.CharField(_("name"), max_length=LONGEST_NAME)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(max_length=16, editable=False)
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope.choices))
    ip_ranges = ArrayField(CidrField(), default=list, blank=True)
    gpu_seconds = models.PositiveIntegerField(null=True, blank=True)
    rate_per_minute = models.PositiveIntegerField(null=True, blank=True)
    state = models.CharField(
        max_length=10, choices=KeyState.choices, default=KeyState.ACTIVE, editable=False
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, editable=False, related_name="replaced_by"
    )
    overlap_ends_at = models.DateTimeField(null=True, editable=False)
    last_used_at = models.DateTimeField(null=True, editable=False)
    last_used_from = CidrField(null=True, editable=False)
    last_used_client = models.CharField(max_length=120, blank=True, editable=False)
    frozen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    revoked_at = models.DateTimeField(null=True, editable=False)
    reported_at = models.DateTimeField(null=True, editable=False)
    found_on = models.CharField(max_length=100, blank=True, editable=False)
    alarmed_at = models.DateTimeField(null=True, editable=False)
    reason = models.TextField(blank=True, editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(name__regex=r"^\s*$"), name="key_has_a_name"),
            models.CheckConstraint(condition=Q(state__in=KeyState.values), name="key_state_known"),
            models.CheckConstraint(
                condition=Q(kind="person", owner__isnull=False)
                | Q(kind="canary", owner__isnull=True),
                name="key_is_somebodys_or_a_canary",
            ),
            models.CheckConstraint(
                condition=Q(digest__regex=r"^[0-9a-f]{64}$"), name="key_is_hashed"
            ),
            models.CheckConstraint(
                condition=Q(scopes__contained_by=Scope.values) & Q(scopes__len__gte=1),
                name="key_scopes_known",
            ),
            models.CheckConstraint(
                condition=Q(ip_ranges__len__lte=MOST_RANGES), name="key_has_few_ranges"
            ),
            models.CheckConstraint(
                condition=Q(
                    expires_at__gt=F("created_at"), expires_at__lte=F("created_at") + LONGEST_LIFE
                ),
                name="key_lives_a_year_at_most",
            ),
            models.CheckConstraint(
                condition=(Q(gpu_seconds__isnull=True) | Q(gpu_seconds__gte=1))
                & (Q(rate_per_minute__isnull=True) | Q(rate_per_minute__gte=1)),
                name="key_limits_admit_something",
            ),
            models.CheckConstraint(
                condition=Q(state="revoked", revoked_at__isnull=False)
                | (~Q(state="revoked") & Q(revoked_at__isnull=True)),
                name="key_revoked_at_a_moment",
            ),
            models.CheckConstraint(
                condition=Q(frozen_by__isnull=True) | Q(state="frozen"),
                name="key_frozen_by_when_frozen",
            ),
            models.CheckConstraint(
                condition=Q(reported_at__isnull=True) | Q(state="revoked"),
                name="key_reported_is_revoked",
            ),
            models.CheckConstraint(
                condition=Q(alarmed_at__isnull=True)
                | (Q(kind="canary") & Q(state__in=["frozen", "revoked"])),
                name="key_alarmed_is_a_dead_canary",
            ),
            models.UniqueConstraint(
                fields=["cohort"],
                condition=Q(kind="canary") & ~Q(state="revoked"),
                name="key_one_canary_per_cohort",
            ),
        ]
        triggers = [
            pgtrigger.FSM(name="key_steps", field="state", transitions=steps(KEY_TRANSITIONS)),
            # What a key may do, where and until when is settled when it is handed out.
            pgtrigger.ReadOnly(
                name="key_terms_stay",
                fields=[
                    *("owner", "cohort", "kind", "digest", "scopes", "gpu_seconds"),
                    *("rate_per_minute", "created_at", "expires_at", "replaces"),
                ],
            ),
            # Networks are about a person: those of a dead key can be forgotten, but never changed.
            pgtrigger.Protect(
                name="key_networks_stay",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__ip_ranges__df=pgtrigger.F("new__ip_ranges"))
                & ~pgtrigger.Q(new__state="revoked", new__ip_ranges=[]),
            ),
            pgtrigger.Protect(name="key_is_not_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.hint})"

    @property
    def ends_at(self) -> datetime:
        """When it stops working by itself."""
        return min(self.expires_at, self.overlap_ends_at or self.expires_at)

    def standing(self, now: datetime | None = None) -> str:
        """A ``KeyState``, or what time has made of an active or frozen one: ``expired``,
        ``replaced`` (its overlap is over) or ``replacing`` (its overlap runs)."""
        now = now or timezone.now()
        if self.state == KeyState.REVOKED:
            return "revoked"
        if self.overlap_ends_at is not None and self.overlap_ends_at <= now:
            return "replaced"
        if self.expires_at <= now:
            return "expired"
        if self.state == KeyState.ACTIVE and self.overlap_ends_at is not None:
            return "replacing"
        return self.state

    def works_from(self, address: Address | None) -> bool:
        """Whether its networks, if it has any, hold *address*."""
        if not self.ip_ranges:
            return True
        return address is not None and any(
            address in network for network in self.ip_ranges if network is not None
        )

    def works(self, now: datetime | None = None) -> bool:
        return self.standing(now) in {"active", "replacing"}

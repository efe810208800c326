"""Holds: that nothing is paid out to somebody for now, and why."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class PayHold(models.Model):
    """What is owed stays owed; ``reason`` is read by the person it is about."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="pay_holds"
    )
    reason = models.CharField(_("reason"), max_length=300)
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    placed_at = models.DateTimeField(auto_now_add=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(lifted_at__isnull=True),
                name="pay_hold_one_at_a_time",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="pay_hold_says_why"),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="pay_hold_lifted_by_someone",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="pay_hold_kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="pay_hold_fixed", fields=["person", "reason", "placed_by", "placed_at"]
            ),
            pgtrigger.Protect(
                name="pay_hold_lifted_for_good",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__lifted_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.reason}"

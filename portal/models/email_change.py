"""A change of address on its way: both ends have to confirm it."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class EmailChange(models.Model):
    """From one address to another; done once a link mailed to each was confirmed.

    Of the two links only hex SHA-256 sums of their tokens are kept.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="email_changes"
    )
    old = models.EmailField()
    new = models.EmailField()
    old_token_hash = models.CharField(max_length=64, unique=True)
    new_token_hash = models.CharField(max_length=64, unique=True)
    asked_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    old_confirmed_at = models.DateTimeField(null=True)
    new_confirmed_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(done_at=None, dropped_at=None),
                name="email_change_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(done_at=None)
                | models.Q(
                    old_confirmed_at__isnull=False,
                    new_confirmed_at__isnull=False,
                    dropped_at__isnull=True,
                ),
                name="email_change_done_when_both_confirmed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.old} to {self.new}"

    def waits_at(self, now: datetime) -> bool:
        """Whether its links still do something."""
        return self.done_at is None and self.dropped_at is None and now < self.expires_at

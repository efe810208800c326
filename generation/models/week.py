"""What each artist was charged, week by week."""

from __future__ import annotations

from decimal import Decimal

from django.db import models


class GpuWeek(models.Model):
    """GPU seconds charged to one account in one week.

    ``monday`` is the week's first day in the site's time zone. ``charged_seconds`` is the sum of
    what the attempts of that week (``Attempt.charged_week``) were charged. Whoever writes holds
    the lock of the account's row.
    """

    account = models.ForeignKey(
        "generation.GpuAccount", on_delete=models.PROTECT, related_name="weeks"
    )
    monday = models.DateField()
    charged_seconds = models.DecimalField(
        max_digits=14, decimal_places=3, default=Decimal(0), db_default=Decimal(0)
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "monday"], name="gpu_week_once"),
            models.CheckConstraint(
                condition=models.Q(charged_seconds__gte=0), name="gpu_week_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(monday__iso_week_day=1), name="gpu_week_begins_on_monday"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account}, week of {self.monday}"

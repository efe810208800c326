"""What each artist has used of a cohort's GPU time."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models

from generation.models.share import WEIGHT_MAX, virtual_seconds
from generation.scheduling import SKIPS


class GpuAccount(models.Model):
    """GPU seconds charged to one artist in one cohort.

    ``charged_seconds`` is the sum of what finished attempts were charged plus the estimate of
    those running now. The row is also the lock under which a budget is checked.

    ``vtime`` and ``skips`` are the account's place in the queue, see ``generation.scheduling``;
    ``weight`` is its share beside the other accounts of the cohort.
    """

    artist = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="gpu_accounts"
    )
    cohort = models.ForeignKey(
        "portal.Cohort", on_delete=models.PROTECT, related_name="gpu_accounts"
    )
    charged_seconds = models.DecimalField(
        max_digits=14, decimal_places=3, default=Decimal(0), db_default=Decimal(0)
    )
    weight = models.PositiveSmallIntegerField(default=1, db_default=1)
    vtime = virtual_seconds()
    skips = models.PositiveSmallIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["artist", "cohort"], name="gpu_account_once"),
            models.CheckConstraint(
                condition=models.Q(charged_seconds__gte=0), name="gpu_account_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(weight__range=(1, WEIGHT_MAX)),
                name="gpu_account_weight",
            ),
            models.CheckConstraint(condition=models.Q(skips__lte=SKIPS), name="gpu_account_skips"),
        ]
        indexes = [models.Index(fields=["cohort", "vtime"], name="gpu_account_in_line")]

    def __str__(self) -> str:
        return f"{self.artist} in {self.cohort}: {self.charged_seconds} s"

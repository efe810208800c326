"""Where the cohorts stand in the queue for the GPUs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models

WEIGHT_MAX = 100


def virtual_seconds() -> models.DecimalField[Any, Any]:
    """A column of GPU seconds divided by a weight, see ``generation.scheduling``."""
    return models.DecimalField(
        max_digits=20, decimal_places=6, default=Decimal(0), db_default=Decimal(0)
    )


class Pool(models.Model):
    """All GPU workers together. Who claims a clip holds this row, so claims come one by one.

    ``clock`` is the virtual time that the cohorts share.
    """

    key = models.CharField(max_length=20, unique=True)
    clock = virtual_seconds()

    def __str__(self) -> str:
        return f"{self.key}: {self.clock}"


class CohortShare(models.Model):
    """A cohort's place in the queue: ``vtime`` among the cohorts, ``clock`` for its accounts.

    ``weight`` is its share beside the other cohorts, however many artists each has.
    """

    cohort = models.OneToOneField(
        "portal.Cohort", on_delete=models.PROTECT, related_name="gpu_share"
    )
    weight = models.PositiveSmallIntegerField(default=1, db_default=1)
    vtime = virtual_seconds()
    clock = virtual_seconds()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(weight__range=(1, WEIGHT_MAX)), name="cohort_share_weight"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cohort}: {self.weight}"

"""The floor of an hour's pay in a cohort, and what was added to reach it."""

from __future__ import annotations

from datetime import date

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class PayFloorQuerySet(models.QuerySet["PayFloor"]):
    def of_month(self, month: date) -> PayFloorQuerySet:
        """The newest version that had begun by the first day of the month, for each cohort."""
        return (
            self.filter(effective_from__lte=month)
            .order_by("cohort_id", "-effective_from", "-version")
            .distinct("cohort_id")
        )


class PayFloor(models.Model):
    """What an hour on record pays at least in a cohort, from a month on. Never edited.

    ``amount_minor`` is in minor units of ``currency`` an hour; 0 sets no floor.
    """

    cohort = models.ForeignKey("portal.Cohort", on_delete=models.PROTECT, related_name="floors")
    version = models.PositiveIntegerField()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    effective_from = models.DateField(_("from"))
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    set_at = models.DateTimeField(auto_now_add=True)

    objects = PayFloorQuerySet.as_manager()

    class Meta:
        ordering = ["cohort", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["cohort", "version"], name="floor_version_once"),
            models.CheckConstraint(condition=Q(amount_minor__gte=0), name="floor_not_below_zero"),
            models.CheckConstraint(
                condition=Q(currency__regex=r"^[A-Z]{3}$"), name="floor_currency_code"
            ),
            models.CheckConstraint(
                condition=Q(effective_from__day=1), name="floor_begins_with_a_month"
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="floor_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cohort} v{self.version}"


class TopUp(models.Model):
    """One reckoning of an artist's month that found something to add or to take back.

    ``minutes`` and ``pay_minor`` are the month as it was found, top-ups left out;
    ``amount_minor`` is what was added to the earlier ones. Never edited.
    """

    artist = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="top_ups"
    )
    cohort = models.ForeignKey("portal.Cohort", on_delete=models.PROTECT, related_name="top_ups")
    month = models.DateField()
    number = models.PositiveIntegerField()
    floor = models.ForeignKey(PayFloor, on_delete=models.PROTECT, related_name="top_ups")
    minutes = models.PositiveIntegerField()
    pay_minor = models.BigIntegerField()
    amount_minor = models.BigIntegerField()
    reckoned_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["artist", "cohort", "month", "number"], name="top_up_once"
            ),
            models.CheckConstraint(condition=~Q(amount_minor=0), name="top_up_moves_something"),
            models.CheckConstraint(condition=Q(month__day=1), name="top_up_of_a_month"),
        ]
        triggers = [
            pgtrigger.Protect(
                name="top_up_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
        ]

    def __str__(self) -> str:
        return f"{self.artist} {self.month:%Y-%m}: {self.amount_minor}"

"""Rate cards: what a piece of work pays, in versions."""

from __future__ import annotations

from datetime import date

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from payments.session_states import Confirmer
from payments.states import CapPeriod, RateKind


class RateCardQuerySet(models.QuerySet["RateCard"]):
    def in_force(self, on: date) -> RateCardQuerySet:
        """The rate of each cohort and kind on that day, the newest version first begun."""
        return (
            self.filter(effective_from__lte=on)
            .order_by("cohort_id", "kind", "-effective_from", "-version")
            .distinct("cohort_id", "kind")
        )


class RateCard(models.Model):
    """What one piece of work of a kind pays in a cohort, from a day on. Never edited.

    ``amount_minor`` is in minor units of ``currency``: for one piece, or for one hour of a testing
    session, which ``confirmed_by`` says who confirms and which has no cap. At most
    ``cap_count`` pieces of one artist are paid within ``cap_period``; without a period there is
    no cap.
    """

    cohort = models.ForeignKey("portal.Cohort", on_delete=models.PROTECT, related_name="rates")
    kind = models.CharField(_("work"), max_length=20, choices=RateKind.choices)
    version = models.PositiveIntegerField()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    cap_count = models.PositiveIntegerField(_("at most"), null=True)
    cap_period = models.CharField(
        _("in"), max_length=10, choices=CapPeriod.choices, default=CapPeriod.NONE
    )
    confirmed_by = models.CharField(
        _("confirmed by"),
        max_length=10,
        choices=Confirmer.choices,
        default=Confirmer.NOBODY,
        db_default=Confirmer.NOBODY,
    )
    effective_from = models.DateField(_("from"))
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    set_at = models.DateTimeField(auto_now_add=True)

    objects = RateCardQuerySet.as_manager()

    class Meta:
        ordering = ["cohort", "kind", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["cohort", "kind", "version"], name="rate_version_once"),
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0), name="rate_pays_something"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=RateKind.values), name="rate_kind_known"
            ),
            models.CheckConstraint(
                condition=models.Q(currency__regex=r"^[A-Z]{3}$"), name="rate_currency_code"
            ),
            models.CheckConstraint(
                condition=models.Q(cap_period=CapPeriod.NONE, cap_count__isnull=True)
                | (
                    models.Q(cap_period__in=[CapPeriod.WEEK, CapPeriod.MONTH, CapPeriod.COHORT])
                    & models.Q(cap_count__gte=1)
                ),
                name="rate_cap_has_its_period",
            ),
            models.CheckConstraint(
                condition=models.Q(kind=RateKind.TESTING_SESSION, cap_count__isnull=True)
                & models.Q(confirmed_by__in=Confirmer.values)
                | ~models.Q(kind=RateKind.TESTING_SESSION)
                & models.Q(confirmed_by=Confirmer.NOBODY),
                name="rate_by_the_hour_is_confirmed",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="rate_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cohort} {self.kind} v{self.version}"

    @property
    def by_the_hour(self) -> bool:
        return self.kind == RateKind.TESTING_SESSION

"""Reports of a cohort: figures as they were at one moment, and whether the world may read them."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class CohortReportQuerySet(models.QuerySet["CohortReport"]):
    def published(self) -> CohortReportQuerySet:
        """Those that anybody may read."""
        return self.filter(published_at__isnull=False, withdrawn_at__isnull=True)

    def readable(self) -> CohortReportQuerySet:
        """Without what the figures were computed from, which is for nobody to read."""
        return self.select_related("cohort").defer("basis")


class CohortReport(models.Model):
    """What ``payments.report_figures`` said at ``made_at``. Never changed.

    ``figures`` holds what may be read; ``basis`` what each person added to it, so that the next
    report can be held against this one. A published report is read by anybody until it is
    withdrawn, which is for good.
    """

    cohort = models.ForeignKey("portal.Cohort", on_delete=models.PROTECT, related_name="reports")
    figures = models.JSONField()
    basis = models.JSONField()
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    published_at = models.DateTimeField(null=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, editable=False)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects: ClassVar[models.Manager[CohortReport]] = models.Manager.from_queryset(
        CohortReportQuerySet
    )()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(published_at__isnull=True, published_by__isnull=True)
                | Q(published_at__isnull=False, published_by__isnull=False),
                name="report_published_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                | Q(
                    withdrawn_at__isnull=False,
                    withdrawn_by__isnull=False,
                    published_at__isnull=False,
                ),
                name="report_withdrawn_once_published",
            ),
        ]
        indexes = [models.Index(fields=["cohort", "-id"], name="report_newest_of_cohort")]
        triggers = [
            pgtrigger.Protect(name="report_kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="report_fixed", fields=["cohort", "figures", "basis", "made_at", "made_by"]
            ),
            pgtrigger.Protect(
                name="report_published_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__published_at__isnull=False)
                & pgtrigger.Q(old__published_at__df=pgtrigger.F("new__published_at"))
                | pgtrigger.Q(old__withdrawn_at__isnull=False)
                & pgtrigger.Q(old__withdrawn_at__df=pgtrigger.F("new__withdrawn_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cohort}, {self.made_at:%Y-%m-%d}"

    @property
    def is_public(self) -> bool:
        return self.published_at is not None and self.withdrawn_at is None

"""Who was told of a containment, so that nobody is told twice."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now


class ContainmentNotice(models.Model):
    """One person and one containment that touched them.

    ``began_at`` is when they were told that it holds, ``ended_at`` when they were told that it
    no longer does.
    """

    containment = models.ForeignKey(
        "portal.Containment", on_delete=models.PROTECT, related_name="notices"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="containment_notices"
    )
    began_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["containment", "person"], name="containment_notice_once"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("began_at")),
                name="containment_notice_ends_after_it_began",
            ),
        ]
        indexes = [
            models.Index(
                fields=["containment"],
                condition=Q(ended_at__isnull=True),
                name="containment_notice_open",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="containment_notice_ends_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__ended_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} of {self.containment}"

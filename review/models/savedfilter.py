"""Saved filters: what somebody narrows the queue by, under a name."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class SavedFilter(models.Model):
    """One person's. ``query`` is ``Filters.as_query()``; the default opens with the queue."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_filters"
    )
    name = models.CharField(max_length=40)
    query = models.JSONField()
    is_default = models.BooleanField(default=False)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["person", "name"], name="saved_filter_named_once"),
            models.UniqueConstraint(
                fields=["person"], condition=Q(is_default=True), name="saved_filter_one_default"
            ),
            models.CheckConstraint(condition=Q(name__regex=r"\S"), name="saved_filter_has_a_name"),
            models.CheckConstraint(condition=~Q(query={}), name="saved_filter_narrows"),
        ]

    def __str__(self) -> str:
        return self.name

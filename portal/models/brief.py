"""Briefs: what a cohort's artists are asked to make, by when. The rate lives in payments."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Brief(models.Model):
    """What is asked and until when; ``takes_wanted`` is a hint, not a limit."""

    cohort = models.ForeignKey("portal.Cohort", on_delete=models.PROTECT, related_name="briefs")
    title = models.CharField(_("title"), max_length=120)
    text = models.TextField(_("what is asked"))
    due_on = models.DateField(_("by"))
    takes_wanted = models.PositiveIntegerField(_("takes"), default=1)
    is_open = models.BooleanField(_("open"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["due_on", "id"]

    def __str__(self) -> str:
        return self.title

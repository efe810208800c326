"""Presets: a named style with settings, one artist's or a whole cohort's."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

STYLE_MAX = 300


class Preset(models.Model):
    """What to fill the studio's form with, the prompt apart; empty settings are the model's own.

    ``style`` is added to the prompt. Whoever is in the cohort may use a shared preset; only its
    artist changes it.
    """

    artist = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="presets"
    )
    cohort = models.ForeignKey("portal.Cohort", on_delete=models.PROTECT, related_name="presets")
    name = models.CharField(_("name"), max_length=60)
    about = models.CharField(_("description"), max_length=200, blank=True)
    style = models.CharField(_("style"), max_length=STYLE_MAX, blank=True)
    model_key = models.CharField(_("model"), max_length=80)
    width = models.PositiveIntegerField(_("width"), validators=[MinValueValidator(16)])
    height = models.PositiveIntegerField(_("height"), validators=[MinValueValidator(16)])
    frames = models.PositiveIntegerField(_("frames"), validators=[MinValueValidator(1)])
    steps = models.PositiveSmallIntegerField(_("steps"), null=True, blank=True)
    guidance = models.DecimalField(
        _("guidance"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    strength = models.DecimalField(
        _("strength"), max_digits=3, decimal_places=2, null=True, blank=True
    )
    adapter_key = models.CharField(_("adapter"), max_length=80, blank=True, db_default="")
    adapter_weight = models.DecimalField(max_digits=4, decimal_places=2, null=True, blank=True)
    is_shared = models.BooleanField(_("shared with the cohort"), default=False)
    created_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[models.Manager[Preset]] = models.Manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"), "artist", "cohort", name="preset_name_once_per_artist_and_cohort"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="preset_has_a_name"),
            models.CheckConstraint(
                condition=Q(width__gte=16, height__gte=16, frames__gte=1),
                name="preset_has_a_shape",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def size(self) -> str:
        return f"{self.width}x{self.height}"

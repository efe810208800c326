from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = _("Programme")

    def ready(self) -> None:
        from portal import (  # noqa: F401
            checks,
            erasures,
            panels,
            receivers,
            rights,
            seeds,
            takeout_parts,
        )

        post_migrate.connect(rights.grant_after_migrate, sender=self)

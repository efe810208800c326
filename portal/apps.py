from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = _("Programme")

    def ready(self) -> None:
        from portal import checks, panels, receivers, rights, seeds, takeout_parts  # noqa: F401

        post_migrate.connect(rights.grant_after_migrate, sender=self)

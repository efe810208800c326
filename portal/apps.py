from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = _("Programme")

    def ready(self) -> None:
        from portal import checks, erasures, panels, receivers, seeds, takeout_parts  # noqa: F401

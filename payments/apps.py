from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PaymentsConfig(AppConfig):
    name = "payments"
    verbose_name = _("Payments")

    def ready(self) -> None:
        from payments import erasures, panels, receivers, seeds, takeout_parts  # noqa: F401
        from payments.minimums import minimums

        # A setting that cannot be read stops the start, not the first payout.
        minimums()

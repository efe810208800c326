"""Make the ``.mo`` files without GNU gettext: ``python manage.py compile_translations``."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from portal.config.env import BASE_DIR
from portal.translations.catalogues import compile_stale


class Command(BaseCommand):
    help = "Compiles every catalogue that changed; `up` and the tests do it by themselves."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        for made in compile_stale(BASE_DIR):
            self.stdout.write(str(made.relative_to(BASE_DIR)))

"""Forget the demo's data: ``python manage.py demo_reset``."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.config import env
from portal.supervisor.errors import CannotStart
from portal.supervisor.reset import forget


class Command(BaseCommand):
    help = "Deletes the demo's database, clips and logs; refuses while Greenroom runs on them."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        var = env.var_dir()
        try:
            forget(var)
        except CannotStart as error:
            raise CommandError(f"{error} {error.hint}".strip()) from None
        self.stdout.write(f"The demo's data in {var} are gone; `make run` starts from nothing.")

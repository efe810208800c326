"""Seal the audit log: ``python manage.py seal_log``."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from portal.services import seals


class Command(BaseCommand):
    help = "Adds entries of the audit log to the chain of hashes at once; beat does it anyway."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{seals.seal_waiting()} entries sealed.")

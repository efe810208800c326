"""Fail when a message is not translated: ``python manage.py check_translations``."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.config.env import BASE_DIR
from portal.translations.check import problems


class Command(BaseCommand):
    help = "Lists messages that are missing, untranslated, fuzzy or unused in a catalogue."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        found = problems(BASE_DIR)
        for line in found:
            self.stdout.write(line)
        if found:
            raise CommandError(f"{len(found)} problems in the catalogues.")
        self.stdout.write("Every message is translated.")

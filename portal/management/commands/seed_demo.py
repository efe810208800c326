"""``manage.py seed_demo``: the demo's people, cohort, agreement, brief and what other apps add."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal import registry


class Command(BaseCommand):
    help = "Make the demo's people and programme; safe to run again. Refused outside the demo."

    def handle(self, *args: Any, **options: Any) -> None:
        if not (settings.DEMO or settings.TESTING):
            raise CommandError(
                "The demo's people have known passwords, so they are made in demo mode only "
                "(GREENROOM_DEMO=1)."
            )
        for seed in registry.demo_seeders():
            seed()
        self.stdout.write("The demo's people and programme are there.")

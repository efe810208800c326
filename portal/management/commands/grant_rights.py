"""Give the application its rights: ``python manage.py grant_rights``."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal import rights


class Command(BaseCommand):
    help = (
        "Gives the application's database role the rights it has and no others; "
        "`migrate` does it anyway. Connects as GREENROOM_OWNER_DATABASE_URL says."
    )
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.AS_OWNER:
            raise CommandError(
                "GREENROOM_OWNER_DATABASE_URL is not set, so the application owns its tables."
            )
        try:
            changed = rights.grant(settings.DATABASE_ROLE)
        except rights.NoSuchRole as error:
            raise CommandError(str(error)) from None
        self.stdout.write(
            f"{settings.DATABASE_ROLE} may what it should in {len(rights.wanted())} tables; "
            f"{changed} had other rights."
        )

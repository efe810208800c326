"""The certificates of content credentials: ``python manage.py provenance init``."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.errors import GreenroomError
from review.credentials import authority, identity


class Command(BaseCommand):
    help = "Makes the authority that signs what leaves (init), or says what signs (show)."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["init", "show"])

    def handle(self, *args: Any, **options: Any) -> None:
        if options["what"] == "init" and not identity.has_own_chain():
            try:
                authority.make(identity.folder(), programme=settings.PROGRAMME_NAME)
            except FileExistsError:
                pass
            except OSError as error:
                raise CommandError(f"{error.filename}: {error.strerror}.") from error
        try:
            found = identity.load()
        except GreenroomError as fault:
            # Whoever starts everything with it starts; what leaves waits.
            self.stdout.write(f"Nothing can be released. {fault.message}")
            return
        self.stdout.write(f"{found.name}, until {found.expires.date().isoformat()}")

"""``manage.py make_admin``: the first admin of a new installation."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from portal.models import User
from portal.services import people
from portal.states import Role


class Command(BaseCommand):
    help = (
        "Make somebody admin, finance admin and operator of the whole programme, with an account "
        "when they have none. They sign in with their address and a code mailed to it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="", help="how they are called; needed for a new one")
        parser.add_argument("--language", default="en", choices=["en", "fr"])

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"].strip().lower()
        person = User.objects.filter(email=email).first()
        if person is None:
            if not options["name"]:
                raise CommandError(f"{email} has no account yet: say --name as well.")
            person = people.create_person(
                actor=None, email=email, name=options["name"], language=options["language"]
            )
        for role in (Role.ADMIN, Role.FINANCE, Role.OPERATOR):
            people.grant_role(actor=None, user=person, role=role)
        self.stdout.write(f"{person.name} <{email}> runs the programme.")

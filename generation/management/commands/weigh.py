"""``manage.py weigh``: the share of GPU time of a cohort, or of one artist in it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from generation.services import shares
from portal.errors import GreenroomError
from portal.models import Cohort, User


class Command(BaseCommand):
    help = (
        "Say how much of the GPUs' time a cohort gets beside the other cohorts, or, with --artist, "
        "one artist beside the cohort's others. Everybody starts with a weight of 1."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("cohort", help="as in the address of its page")
        parser.add_argument("weight", type=int, help="from 1 to 100")
        parser.add_argument("--artist", default="", metavar="EMAIL")

    def handle(self, *args: Any, **options: Any) -> None:
        cohort = Cohort.objects.filter(slug=options["cohort"]).first()
        if cohort is None:
            raise CommandError(f"There is no cohort {options['cohort']}.")
        email, weight = options["artist"].strip().lower(), options["weight"]
        try:
            if not email:
                shares.weigh_cohort(actor=None, cohort=cohort, weight=weight)
            else:
                artist = User.objects.filter(email=email).first()
                if artist is None:
                    raise CommandError(f"{email} has no account.")
                shares.weigh_artist(actor=None, artist=artist, cohort=cohort, weight=weight)
        except GreenroomError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{email or cohort.name} weighs {weight} now.")

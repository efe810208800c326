"""``manage.py contain``: shut a part of the programme for a while, see what is shut, undo it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from portal.containment import Target
from portal.errors import GreenroomError
from portal.models import AccessKey, Cohort, Containment, User
from portal.services import containment
from portal.states import Stage

_TIMES = {"m": "minutes", "h": "hours", "d": "days"}


class Command(BaseCommand):
    help = (
        "Shut a part of the programme from the next request on: "
        "key, person, cohort, model, sharing, generation, everything."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("stage", nargs="?", choices=Stage.values)
        parser.add_argument(
            "target",
            nargs="?",
            default="",
            help="a key's number, an e-mail address, a cohort as in its address, a model's key",
        )
        parser.add_argument("--for", dest="lasts", default="", metavar="TIME", help="30m, 4h, 2d")
        parser.add_argument("--until", default="", metavar="MOMENT", help="2027-03-01T18:00")
        parser.add_argument("--reason", default="", help="for the log")
        parser.add_argument("--words", default="", help="what those touched read, in English")
        parser.add_argument("--words-fr", default="", help="the same in French")
        parser.add_argument("--by", default="", metavar="EMAIL", help="the admin who does it")
        parser.add_argument("--preview", action="store_true", help="only say what it touches")
        parser.add_argument("--list", action="store_true", help="say what is contained now")
        parser.add_argument("--lift", type=int, metavar="NUMBER", help="undo one of --list")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["list"]:
                self._list()
            elif options["lift"] is not None:
                self._lift(options["lift"], options["by"])
            else:
                self._contain(options)
        except GreenroomError as error:
            raise CommandError(str(error)) from error

    def _contain(self, options: dict[str, Any]) -> None:
        if options["stage"] is None:
            raise CommandError("Name a stage, or use --list or --lift NUMBER.")
        target = _target(Stage(options["stage"]), options["target"])
        seen = containment.preview(target=target)
        for touched in [seen.people, *seen.things]:
            names = f": {', '.join(touched.names)}" if touched.names else ""
            self.stdout.write(f"{touched.label}: {touched.count}{names}")
        if options["preview"]:
            return
        made = containment.contain(
            actor=_admin(options["by"]),
            target=target,
            until=_until(options["lasts"], options["until"]),
            reason=options["reason"],
            words_en=options["words"],
            words_fr=options["words_fr"],
        )
        self.stdout.write(f"Contained until {_moment(made.until)}. {_undo(made)}")

    def _lift(self, number: int, by: str) -> None:
        found = Containment.objects.filter(pk=number).first()
        if found is None:
            raise CommandError(f"There is no containment {number}.")
        containment.lift(actor=_admin(by), containment=found)
        self.stdout.write(f"Undone: {found}.")

    def _list(self) -> None:
        listed = Containment.objects.live().select_related("key", "person", "cohort", "by")
        for found in listed:
            self.stdout.write(
                f"{found.pk}  {found.stage}  {found}  until {_moment(found.until)}  "
                f"by {found.by.email}: {found.reason}"
            )
        if not listed:
            self.stdout.write("Nothing is contained.")


def _target(stage: Stage, named: str) -> Target:
    match stage:
        case Stage.KEY:
            key = AccessKey.objects.filter(pk=named).first() if named.isdecimal() else None
            return Target(stage=stage, key_id=_known(key, named).pk)
        case Stage.PERSON:
            person = User.objects.filter(email=named.strip().lower()).first()
            return Target(stage=stage, person_id=_known(person, named).pk)
        case Stage.COHORT:
            return Target(
                stage=stage, cohort_id=_known(Cohort.objects.filter(slug=named).first(), named).pk
            )
        case Stage.MODEL:
            return Target(stage=stage, model_key=named)
        case _:
            if named:
                raise CommandError(f"The stage {stage.value} is of all: leave out “{named}”.")
            return Target(stage=stage)


def _known(found: Any, named: str) -> Any:
    if found is None:
        raise CommandError(f"There is no “{named}”.")
    return found


def _admin(email: str) -> User:
    found = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if found is None:
        raise CommandError("Say who does it: --by with an admin's address.")
    return found


def _until(lasts: str, until: str) -> datetime:
    """By ``30m``, ``4h`` or ``2d``, or a moment in the site's time zone."""
    if bool(lasts) == bool(until):
        raise CommandError("Choose a time limit: --for or --until.")
    if lasts:
        told = re.fullmatch(r"(\d{1,4})([mhd])", lasts)
        if told is None:
            raise CommandError(f"“{lasts}” is no time: 30m, 4h or 2d.")
        return timezone.now() + timedelta(**{_TIMES[told[2]]: int(told[1])})
    try:
        moment = parse_datetime(until)
    except ValueError:
        moment = None
    if moment is None:
        raise CommandError(f"“{until}” is no moment: 2027-03-01T18:00.")
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)


def _moment(at: datetime) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M %Z")


def _undo(made: Containment) -> str:
    return f"Undo it with: manage.py contain --lift {made.pk} --by EMAIL"

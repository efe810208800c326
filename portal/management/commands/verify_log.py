"""Prove the audit log: ``python manage.py verify_log``."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.log_proof import prove
from portal.models import Cohort


class Command(BaseCommand):
    help = (
        "Computes every hash of the audit log again and names the first thing that is wrong, "
        "with exit status 1."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--cohort", default="", metavar="SLUG", help="only this cohort's chain")
        parser.add_argument(
            "--from",
            dest="since",
            type=int,
            default=1,
            metavar="SEQ",
            help="begin with this seal and take the one before it as true",
        )
        parser.add_argument(
            "--head",
            default="",
            metavar="HASH",
            help="a head that was noted earlier and must stand in the chain",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        cohort = None
        if options["cohort"]:
            cohort = Cohort.objects.filter(slug=options["cohort"]).first()
            if cohort is None:
                raise CommandError(f"There is no cohort {options['cohort']!r}.")
        if options["since"] < 1:
            raise CommandError("Seals are counted from 1.")
        wanted = _hash(options["head"])
        proof = prove(
            cohort_id=cohort.pk if cohort is not None else None,
            since=options["since"],
            heads=frozenset({wanted} if wanted else ()),
        )
        if proof.fault is not None:
            raise CommandError(f"The log is broken at {proof.fault}.")
        if wanted and wanted not in proof.heads_seen:
            raise CommandError(
                f"The log is broken at its end: the head {wanted.hex()} stands nowhere in it."
            )
        self.stdout.write(
            f"The log is whole: {proof.sealed} entries sealed, {proof.cohorts} cohorts, "
            f"{proof.waiting} waiting for their seal. "
            f"Seal {proof.seq}, head {proof.head.hex()}"
        )


def _hash(text: str) -> bytes:
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b"?"
    if len(found) not in {0, 32}:
        raise CommandError(f"{text!r} is no hash: a head has 64 digits from 0 to f.")
    return found

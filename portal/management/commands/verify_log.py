"""Prove the audit log: ``python manage.py verify_log``."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.log_proof import prove
from portal.models import Cohort
from portal.rights import rights
from portal.services.log_heads import StoredHead, stored_heads


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

        parser.add_argument(
            "--heads",
            action="store_true",
            help="every head that was stored day by day must stand in the chain",
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
        kept = _kept(options) if options["heads"] else []
        proof = prove(
            cohort_id=cohort.pk if cohort is not None else None,
            since=options["since"],
            heads=frozenset({head.head for head in kept if head.head} | {wanted} - {b""}),
        )
        if proof.fault is not None:
            raise CommandError(f"The log is broken at {proof.fault}.")
        if wanted and wanted not in proof.heads_seen:
            raise CommandError(
                f"The log is broken at its end: the head {wanted.hex()} stands nowhere in it."
            )
        for head in kept:
            if head.head not in proof.heads_seen:
                raise CommandError(
                    f"The log is broken at seal {head.seal}: the head kept in {head.name} stands "
                    "nowhere in it."
                )
        if options["heads"]:
            self.stdout.write(f"{len(kept)} stored heads stand in the chain.")
        self.stdout.write(_by_rights())
        self.stdout.write(
            f"The log is whole: {proof.sealed} entries sealed, {proof.cohorts} cohorts, "
            f"{proof.waiting} waiting for their seal. "
            f"Seal {proof.seq}, head {proof.head.hex()}"
        )


def _by_rights() -> str:
    role, tables, gaps = rights()
    if gaps:
        return f"Not kept by rights: {'; '.join(gaps)}. See docs/how-to/use-two-database-roles.md."
    return f"Kept by rights: {role} may only add to it, and to {tables - 2} more tables."


def _kept(options: dict[str, Any]) -> list[StoredHead]:
    """The stored heads that the seals to be looked at must hold."""
    if options["cohort"]:
        raise CommandError("Stored heads are of the whole log: leave --cohort away.")
    kept = list(stored_heads())
    for head in kept:
        if head.seal is None:
            raise CommandError(f"The stored head {head.name} cannot be read.")
    return [head for head in kept if head.seal is not None and head.seal >= options["since"]]


def _hash(text: str) -> bytes:
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b"?"
    if len(found) not in {0, 32}:
        raise CommandError(f"{text!r} is no hash: a head has 64 digits from 0 to f.")
    return found

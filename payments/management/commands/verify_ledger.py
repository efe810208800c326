"""Prove the books: ``python manage.py verify_ledger``."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from payments.models import Entry, Posting
from payments.proofs import PROOFS, faults, totals
from portal.templatetags.greenroom import decimal_amount


class Command(BaseCommand):
    help = "Proves the ledger from its rows alone and names everything that is wrong."

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(faults())
        wrong = {fault.proof for fault in found}
        for proof in PROOFS:
            self.stdout.write(f"{'NO ' if proof.says in wrong else 'yes'}  {proof.says}")
        for fault in found:
            self.stdout.write(f"     {fault.words}")
        for total in totals():
            debit = decimal_amount(total.debit_minor, total.currency)
            credit = decimal_amount(total.credit_minor, total.currency)
            self.stdout.write(f"{total.currency}: {debit} debit, {credit} credit")
        counts = f"{Entry.objects.count()} entries, {Posting.objects.count()} postings"
        if found:
            raise CommandError(f"The books are not in order ({counts}).")
        self.stdout.write(f"The books are in order: {counts}.")

"""The books as plain text: ``python manage.py export_ledger beancount > books.beancount``."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from payments.journal import Dialect, lines


class Command(BaseCommand):
    help = "Writes the whole ledger for Beancount or hledger to standard output."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("dialect", choices=[dialect.value for dialect in Dialect])

    def handle(self, *args: Any, **options: Any) -> None:
        for line in lines(Dialect(options["dialect"])):
            self.stdout.write(line)

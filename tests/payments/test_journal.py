"""The exported books are read by two accounting programs, which add up for themselves."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import sys
from datetime import date
from io import StringIO
from pathlib import Path

import pgtrigger
import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django import Settings

from payments.journal import Dialect, account_name, lines, movements
from payments.models import Account, Entry
from payments.proofs import faults
from payments.queries import liability_of
from payments.services.accrual import adjust, correct_work
from portal.models import Cohort, User
from portal.templatetags.greenroom import decimal_amount
from tests.factories.payments import make_admin, make_artist, make_sent, make_work
from tests.factories.portal import make_cohort
from tests.owner import as_owner

needs_hledger = pytest.mark.skipif(not shutil.which("hledger"), reason="there is no hledger")


@pytest.fixture
def year(db: None) -> list[User]:
    """Twelve months of work of four artists in three currencies, six payouts, and slips put right.

    Time cannot be asked of the books, which write it themselves, so their entries are dated back
    with the triggers off.
    """
    cohort = make_cohort("Year 2025")
    artists = [make_artist(cohort, name) for name in ("Ada", "Lucien", 'Zoë "Z" \\ K', "Mo; | :x")]
    drafter, approver = make_admin(), make_admin()
    for month in range(12):
        for number, artist in enumerate(artists):
            make_work(artist, cohort, 10_00 + 317 * month + 71 * number)
        wrong = make_work(artists[month % 4], cohort, 3_33)
        correct_work(actor=drafter, work=wrong, reason=f"Month {month}; entered | twice")
        for currency, minor in (("JPY", 1_500 + month), ("BHD", 10_125)):
            adjust(
                actor=drafter,
                artist=artists[0],
                cohort=cohort,
                amount_minor=minor,
                currency=currency,
                reason='An "extra"\nover two lines \\ ; done',
            )
        if month % 2:
            make_sent(drafter, approver, cohort)
        with as_owner(), connection.cursor() as cursor, pgtrigger.ignore():
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(
                "UPDATE payments_entry SET at = %s WHERE at > '2026-01-01'",
                [f"2025-{month + 1:02d}-28 23:30:00+00"],
            )
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return artists


def written(dialect: Dialect, folder: Path) -> Path:
    out = StringIO()
    call_command("export_ledger", dialect.value, stdout=out)
    file = folder / f"books.{dialect.value}"
    file.write_text(out.getvalue())
    return file


def bean_check(file: Path) -> tuple[int, str]:
    """Its exit status and what it says."""
    ran = subprocess.run(
        [sys.executable, "-m", "beancount.scripts.check", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.returncode, ran.stdout + ran.stderr


def test_bean_check_agrees_to_the_cent_and_finds_a_lost_posting(
    year: list[User], tmp_path: Path
) -> None:
    assert list(faults()) == []
    file = written(Dialect.BEANCOUNT, tmp_path)
    assert bean_check(file) == (0, "")
    text = file.read_text()
    for artist in year:
        account = Account.objects.get(code=f"liability:artist:{artist.pk}", currency="EUR")
        owed = decimal_amount(-liability_of(artist, "EUR"), "EUR")
        assert f"balance {account_name(account)}  {owed} EUR" in text

    kept = file.read_text().splitlines()
    at = next(number for number, line in enumerate(kept) if line.startswith("  Expenses:"))
    del kept[at - 3 : at + 2]
    file.write_text("\n".join(kept))
    status, said = bean_check(file)
    assert status == 1
    assert "Balance failed for 'Expenses:Work:Year-2025'" in said


@needs_hledger
def test_hledger_agrees_to_the_cent_and_finds_a_changed_amount(
    year: list[User], tmp_path: Path
) -> None:
    file = written(Dialect.HLEDGER, tmp_path)

    def hledger(*words: str) -> str:
        ran = subprocess.run(
            ["hledger", "-f", str(file), *words], capture_output=True, text=True, check=False
        )
        assert (ran.returncode, ran.stderr) == (0, "")
        return ran.stdout

    hledger("check", "--strict", "ordereddates")
    balances = {
        row["account"]: row["balance"]
        for row in csv.DictReader(io.StringIO(hledger("balance", "cur:EUR", "-N", "-O", "csv")))
    }
    for artist in year:
        account = Account.objects.get(code=f"liability:artist:{artist.pk}", currency="EUR")
        owed = liability_of(artist, "EUR")
        said = balances.get(account_name(account), "0.00 EUR")
        assert said == f"{decimal_amount(-owed, 'EUR')} EUR"
    counted = [line for line in hledger("print").splitlines() if " ; entry: " in line]
    assert len(counted) == Entry.objects.count()

    text = file.read_text()
    assert "10.00 EUR" in text
    file.write_text(text.replace("10.00 EUR", "10.01 EUR").replace("-10.00 EUR", "-10.01 EUR"))
    ran = subprocess.run(
        ["hledger", "-f", str(file), "check"], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 1
    assert "balance assertion" in ran.stderr


@needs_hledger
def test_books_nobody_wrote_in(db: None, tmp_path: Path) -> None:
    assert list(lines(Dialect.HLEDGER)) == []
    file = written(Dialect.BEANCOUNT, tmp_path)
    assert file.read_text() == 'option "title" "Greenroom"\n\n'


def test_a_day_is_that_of_the_house(
    cohort: Cohort, artist: User, admin: User, settings: Settings
) -> None:
    settings.TIME_ZONE = "Asia/Tokyo"
    adjust(actor=admin, artist=artist, cohort=cohort, amount_minor=5, currency="EUR", reason="x")
    with as_owner(), connection.cursor() as cursor, pgtrigger.ignore():
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("UPDATE payments_entry SET at = '2027-03-31 15:00:00+00'")
    [movement] = movements()
    assert movement.day == date(2027, 4, 1)
    assert sum(minor for _account, minor in movement.legs) == 0

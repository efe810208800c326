"""Statements and the totals of a year: the same sums on the page, in the files and in the books."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO

import pytest
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from payments.models import Posting
from payments.queries import liability_of
from payments.services.accrual import adjust
from payments.services.remittances import fail
from payments.statements import Period, statements_of
from payments.year_totals import sums, year_totals
from portal.models import Cohort, User
from tests.factories.payments import make_sent, make_settled, make_work
from tests.factories.portal import browser_of, join, make_cohort, make_person

pytestmark = pytest.mark.django_db

# Two decimals, none, three.
CURRENCIES = ("EUR", "JPY", "BHD")


def words(document: bytes) -> str:
    pages = PdfReader(BytesIO(document)).pages
    return " ".join(" ".join(page.extract_text().split()) for page in pages)


@pytest.fixture
def paid(admin: User, second_admin: User) -> User:
    """1,111.25 earned, 1,111.00 sent, which came back in EUR alone; then 0.05 taken off."""
    person = make_person("Ada Okafor", email="ada@example.org")
    for currency in CURRENCIES:
        cohort = make_cohort(f"Round in {currency}", actor=admin, currency=currency)
        join(person, cohort)
        make_work(person, cohort, 111_100)
        if currency == "EUR":
            payout = make_sent(admin, second_admin, cohort)
            fail(actor=admin, remittance=payout.remittances.get(), reason="Account closed")
        else:
            make_settled(admin, second_admin, cohort)
        make_work(person, cohort, 25)
        adjust(
            actor=admin,
            artist=person,
            cohort=cohort,
            amount_minor=-5,
            currency=currency,
            reason="Counted twice",
        )
    return person


def test_a_statement_agrees_with_the_books_wherever_it_is_read(paid: User) -> None:
    today = timezone.localdate()
    month = Period(year=today.year, month=today.month)
    statements = statements_of(paid, month)

    assert [one.currency for one in statements] == sorted(CURRENCIES)
    for one in statements:
        came_back = 111_100 if one.currency == "EUR" else 0
        assert one.opening_minor == 0
        assert (one.earned_minor, one.paid_minor) == (111_120, 111_100)
        assert one.returned_minor == came_back
        assert one.closing_minor == 20 + came_back == liability_of(paid, one.currency)
        assert one.closing_minor == one.lines[-1].balance_minor
        assert sum(line.amount_minor for line in one.lines) == one.closing_minor
        booked = Posting.objects.filter(account__owner=paid, currency=one.currency)
        assert [-posting.amount_minor for posting in booked] == [
            line.amount_minor for line in one.lines
        ]
    # The next period begins where this one ends.
    after = statements_of(paid, Period(year=month.after.year, month=month.after.month))
    assert [one.opening_minor for one in after] == [one.closing_minor for one in statements]
    assert [(one.lines, one.closing_minor) for one in after] == [
        ([], one.closing_minor) for one in statements
    ]

    client = browser_of(paid)
    url = f"/earnings/statements/{today.year}/{today.month}/"
    page = client.get(url).content.decode()
    for amount in (
        "€1,111.20",
        "−€1,111.00",
        "¥20",
        "+¥111,120",
        "BHD\xa00.020",
        "−BHD\xa0111.100",
    ):
        assert amount in page
    rows = list(csv.DictReader(StringIO(client.get(f"{url}?format=csv").content.decode())))
    assert [(row["currency"], row["balance"]) for row in rows if row["line"] == "closing"] == [
        ("BHD", "0.020"),
        ("EUR", "1111.20"),
        ("JPY", "20"),
    ]
    assert [row["amount"] for row in rows if row["currency"] == "BHD" and row["amount"]] == [
        *("111.100", "-111.100", "0.025", "-0.005"),
    ]


def test_the_pdf_read_back_has_the_totals_and_the_same_bytes(paid: User) -> None:
    client = browser_of(paid)
    year = timezone.localdate().year
    url = f"/earnings/statements/{year}/?format=pdf"
    document = client.get(url).content

    assert client.get(url).content == document
    text = words(document)
    for phrase in (
        f"Statement {year}",
        "Ada Okafor <ada@example.org>",
        "Owed at the beginning €0.00 Earned +€1,111.20 Paid out −€1,111.00",
        "Came back +€1,111.00 Owed at the end €1,111.20",
        "Earned +¥111,120 Paid out −¥111,100 Owed at the end ¥20",
        "Earned +BHD 111.120 Paid out −BHD 111.100 Owed at the end BHD 0.020",
        "came back: Account closed",
        "Adjustment: Counted twice",
    ):
        assert phrase in text.replace("\xa0", " "), phrase
    paid.language = "fr"
    paid.save(update_fields=["language"])
    french = words(client.get(url).content).replace("\xa0", " ").replace("\u202f", " ")
    assert "Dû à la fin 1 111,20 €" in french


def test_a_years_totals_are_those_of_the_books(paid: User, admin: User) -> None:
    year = timezone.localdate().year
    totals = year_totals(year)

    assert [(one.payee, one.currency) for one in totals] == [
        (paid, currency) for currency in sorted(CURRENCIES)
    ]
    for one in totals:
        came_back = 111_100 if one.currency == "EUR" else 0
        assert (one.opening_minor, one.earned_minor, one.sent_minor) == (0, 111_120, 111_100)
        assert (one.returned_minor, one.arrived_minor) == (came_back, 111_100 - came_back)
        assert one.closing_minor == liability_of(paid, one.currency)
    assert [row["closing_minor"] for row in sums(totals)] == [20, 111_120, 20]
    assert year_totals(year, cohorts=Cohort.objects.none()) == []
    [later] = {one.opening_minor for one in year_totals(year + 1) if one.currency == "JPY"}
    assert later == 20

    client = browser_of(admin)
    assert "¥111,120" in client.get("/programme/payouts/totals/").content.decode()
    lines = client.get("/programme/payouts/totals/?format=csv").content.decode().split("\r\n")
    mine = f"{year},{paid.pk},Ada Okafor,ada@example.org"
    assert f"{mine},BHD,0.000,111.120,111.100,0.000,111.100,0.020" in lines
    assert f"{mine},JPY,0,111120,111100,0,111100,20" in lines
    assert client.get("/programme/payouts/totals/?year=1999").status_code == 404
    assert Client().get("/programme/payouts/totals/").status_code == 302

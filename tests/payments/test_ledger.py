"""The books refuse what must not be, also to who speaks SQL."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from payments.errors import UnbalancedEntry
from payments.models import Account, Entry, Posting
from payments.services.ledger import Leg, clearing, owed_to, post_entry, work_expense
from portal.models import User
from tests.factories.portal import make_cohort, make_person


def sql(statement: str, *values: str | int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def entry_by_sql(cause: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO payments_entry (cause, description) VALUES (%s, 'by hand') RETURNING id",
            [cause],
        )
        return int(cursor.fetchone()[0])


def posting_by_sql(entry: int, account: Account, amount: int, currency: str = "EUR") -> None:
    sql(
        "INSERT INTO payments_posting (entry_id, account_id, currency, amount_minor) "
        "VALUES (%s, %s, %s, %s)",
        *(entry, account.pk, currency, amount),
    )


@transaction.atomic
def entry_with(cause: str, *legs: tuple[Account, int, str]) -> int:
    entry = entry_by_sql(cause)
    for account, amount, currency in legs:
        posting_by_sql(entry, account, amount, currency)
    return entry


def checked_entry(bank: Account, owed: Account) -> int:
    """A balanced entry whose checks have run already, in a transaction that goes on."""
    entry = entry_with("raw:1", (bank, 5, "EUR"), (owed, -5, "EUR"))
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    return entry


@pytest.fixture
def artist(db: None) -> User:
    return make_person("Ada")


@pytest.fixture
def bank(db: None) -> Account:
    return clearing(currency="EUR")


@pytest.fixture
def owed(artist: User) -> Account:
    return owed_to(artist=artist, currency="EUR")


def book(bank: Account, owed: Account, amount: int = 500, cause: str = "test:1") -> Entry:
    return post_entry(
        actor=None,
        cause=cause,
        description="A test",
        legs=[
            Leg(account=owed, amount_minor=amount),
            Leg(account=bank, amount_minor=-amount),
        ],
    )


def test_an_entry_has_its_postings(bank: Account, owed: Account) -> None:
    entry = book(bank, owed)

    assert list(entry.postings.values_list("account", "currency", "amount_minor")) == [
        (owed.pk, "EUR", 500),
        (bank.pk, "EUR", -500),
    ]


def test_accounts_are_made_once_with_their_owner(artist: User) -> None:
    cohort = make_cohort("Spring")
    first = owed_to(artist=artist, currency="EUR")

    assert owed_to(artist=artist, currency="EUR") == first
    assert (first.code, first.kind, first.owner) == (
        f"liability:artist:{artist.pk}",
        "liability",
        artist,
    )
    assert work_expense(cohort=cohort, currency="EUR").code == "expense:work:spring"
    assert owed_to(artist=artist, currency="USD") != first


@pytest.mark.parametrize("amounts", [[], [5], [5, -4], [5, -5, 0]])
def test_the_service_refuses_legs_that_do_not_balance(
    bank: Account, owed: Account, amounts: list[int]
) -> None:
    legs = [
        Leg(account=account, amount_minor=amount)
        for account, amount in zip([bank, owed, bank], amounts, strict=False)
    ]

    with pytest.raises(UnbalancedEntry):
        post_entry(actor=None, cause="test:1", description="", legs=legs)
    assert not Entry.objects.exists()


def test_each_currency_balances_by_itself(bank: Account, artist: User) -> None:
    dollars = owed_to(artist=artist, currency="USD")
    legs = [Leg(account=bank, amount_minor=5), Leg(account=dollars, amount_minor=-5)]

    with pytest.raises(UnbalancedEntry):
        post_entry(actor=None, cause="test:1", description="", legs=legs)


def test_the_same_cause_is_booked_once(bank: Account, owed: Account) -> None:
    book(bank, owed)

    with pytest.raises(IntegrityError, match="cause"), transaction.atomic():
        book(bank, owed)
    assert Entry.objects.count() == 1


@pytest.mark.django_db(transaction=True)
class TestDatabase:
    """What the database itself refuses at commit."""

    def test_an_entry_that_is_not_zero_sum(self, bank: Account, owed: Account) -> None:
        with pytest.raises(IntegrityError, match="zero in each currency"):
            entry_with("raw:1", (bank, 5, "EUR"), (owed, -4, "EUR"))
        assert not Posting.objects.exists()

    def test_two_currencies_that_cancel_out(self, bank: Account, artist: User) -> None:
        dollars = owed_to(artist=artist, currency="USD")

        with pytest.raises(IntegrityError, match="zero in each currency"):
            entry_with("raw:1", (bank, 5, "EUR"), (dollars, -5, "USD"))

    def test_an_entry_without_postings(self) -> None:
        with pytest.raises(IntegrityError, match="fewer than two"), transaction.atomic():
            entry_by_sql("raw:1")
        assert not Entry.objects.exists()

    def test_a_posting_of_nothing(self, bank: Account) -> None:
        with pytest.raises(IntegrityError, match="posting_moves_something"), transaction.atomic():
            posting_by_sql(entry_by_sql("raw:1"), bank, 0)

    def test_postings_that_join_an_old_entry(self, bank: Account, owed: Account) -> None:
        entry = book(bank, owed)

        with pytest.raises(IntegrityError, match="it is closed"), transaction.atomic():
            posting_by_sql(entry.pk, bank, 7)
        assert entry.postings.count() == 2

    def test_postings_added_after_a_check_in_the_same_transaction(
        self, bank: Account, owed: Account
    ) -> None:
        with pytest.raises(IntegrityError, match="zero in each currency"), transaction.atomic():
            posting_by_sql(checked_entry(bank, owed), bank, 7)

    def test_an_entry_that_claims_another_transaction(self, bank: Account, owed: Account) -> None:
        with transaction.atomic():
            sql(
                "INSERT INTO payments_entry (cause, description, transaction, at) "
                "VALUES ('raw:1', 'forged', 9223372036854775807, '2001-01-01')"
            )
            entry = Entry.objects.get(cause="raw:1")
            posting_by_sql(entry.pk, bank, 5)
            posting_by_sql(entry.pk, owed, -5)
        entry.refresh_from_db()
        assert entry.at.year > 2001
        assert entry.transaction < 9223372036854775807

    def test_a_posting_in_another_currency_than_its_account(self, bank: Account) -> None:
        with pytest.raises(IntegrityError, match="other currency"), transaction.atomic():
            posting_by_sql(entry_by_sql("raw:1"), bank, 5, "USD")

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE payments_posting SET amount_minor = 1",
            "DELETE FROM payments_posting",
            "UPDATE payments_entry SET description = 'other'",
            "DELETE FROM payments_entry",
            "UPDATE payments_account SET currency = 'USD'",
            "DELETE FROM payments_account",
        ],
    )
    def test_changes_of_what_is_written(self, bank: Account, owed: Account, statement: str) -> None:
        book(bank, owed)

        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            sql(statement)
        assert list(Posting.objects.values_list("amount_minor", flat=True)) == [500, -500]

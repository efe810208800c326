"""The books are proved from their rows, and every way to falsify them is found."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO

import pgtrigger
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from payments.models import Entry, Payout, Posting, WorkItem
from payments.proofs import PROOFS, Total, faults, totals
from payments.services.accrual import adjust, correct_work
from payments.services.ledger import clearing
from payments.services.payouts import cancel
from portal.models import Cohort, User
from tests.factories.payments import make_admin, make_artist, make_draft, make_sent, make_work
from tests.owner import as_owner

pytestmark = pytest.mark.django_db


def by_sql(statement: str, *values: int | str) -> None:
    """What somebody does who may switch the triggers off."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with as_owner(), pgtrigger.ignore():
            cursor.execute(statement, values)


@pytest.fixture
def sent(cohort: Cohort) -> Payout:
    """Two artists, one line taken back, one payout sent, one given up, some work still owed."""
    ada, lucien = make_artist(cohort, "Ada"), make_artist(cohort, "Lucien")
    drafter, approver = make_admin(), make_admin()
    make_work(ada, cohort, 25_00)
    correct_work(actor=drafter, work=make_work(ada, cohort, 7_00), reason="Entered twice")
    make_work(lucien, cohort, 40_01)
    cancel(actor=drafter, payout=make_draft(drafter, cohort))
    payout = make_sent(drafter, approver, cohort)
    make_work(lucien, cohort, 12_00)
    return payout


def test_books_in_order(sent: Payout) -> None:
    assert list(faults()) == []
    # Earned 25 + 7 - 7 + 40.01 + 12, sent 65.01: each is a debit and a credit.
    assert totals() == [Total("EUR", 25_00 + 7_00 + 7_00 + 40_01 + 12_00 + 65_01, 156_02)]
    out = StringIO()
    call_command("verify_ledger", stdout=out)
    assert out.getvalue().splitlines() == [
        *(f"yes  {proof.says}" for proof in PROOFS),
        "EUR: 156.02 debit, 156.02 credit",
        "The books are in order: 6 entries, 13 postings.",
    ]


def test_books_nobody_wrote_in(db: None) -> None:
    out = StringIO()
    call_command("verify_ledger", stdout=out)
    assert out.getvalue().splitlines()[-1] == "The books are in order: 0 entries, 0 postings."


def one_posting_changed(sent: Payout) -> list[str]:
    posting = Posting.objects.filter(entry__work__isnull=False, amount_minor=25_00).get()
    by_sql("UPDATE payments_posting SET amount_minor = 2600 WHERE id = %s", posting.pk)
    entry = posting.entry
    return [
        "EUR: debits and credits differ by 100",
        f"entry {entry.pk} ({entry.cause}) is off by 100 EUR",
        f"entry {entry.pk} does not book the 2500 EUR of work {entry.work_id}",
    ]


def an_entry_deleted(sent: Payout) -> list[str]:
    work = WorkItem.objects.get(amount_minor=12_00)
    entry = work.entries.get()
    by_sql("DELETE FROM payments_posting WHERE entry_id = %s", entry.pk)
    by_sql("DELETE FROM payments_entry WHERE id = %s", entry.pk)
    return [
        f"work {work.pk} is owed 1200 EUR and has no entry",
        f"artist {work.artist_id} is owed 1200 EUR by their work and 0 by the books",
    ]


def work_that_pays_more(sent: Payout) -> list[str]:
    work = WorkItem.objects.get(amount_minor=12_00)
    by_sql("UPDATE payments_workitem SET amount_minor = 1300 WHERE id = %s", work.pk)
    entry = work.entries.get()
    return [
        f"entry {entry.pk} does not book the 1300 EUR of work {work.pk}",
        f"artist {work.artist_id} is owed 1300 EUR by their work and 1200 by the books",
    ]


def a_payout_said_to_be_sent(sent: Payout) -> list[str]:
    admin = make_admin()
    payout = make_draft(admin, sent.cohort)
    artist = payout.lines.get().artist_id
    by_sql(
        "UPDATE payments_payout SET state = 'sent', sent_by_id = %s, sent_at = now(), "
        "approved_by_id = %s, approved_at = now(), exported_by_id = %s, exported_at = now() "
        "WHERE id = %s",
        *(admin.pk, sent.approved_by_id or 0, admin.pk, payout.pk),
    )
    return [
        f"payout {payout.pk} says 1200 for artist {artist}, the books say 0",
        f"payout {payout.pk} of 1200 EUR took 0 from the bank",
        f"payout {payout.pk} has 1200 in lines for artist {artist} and 0 in remittances",
        f"artist {artist} is owed 0 EUR by their work and 1200 by the books",
    ]


def sent_by_who_approved_it(sent: Payout) -> list[str]:
    by_sql("ALTER TABLE payments_payout DROP CONSTRAINT payout_sent_by_another")
    by_sql("UPDATE payments_payout SET sent_by_id = approved_by_id WHERE id = %s", sent.pk)
    return [f"payout {sent.pk}: one person approved and sent it"]


def a_line_to_somebody_else(sent: Payout) -> list[str]:
    line = sent.lines.get(amount_minor=40_01)
    thief = make_artist(sent.cohort, "Mallory")
    by_sql("UPDATE payments_payoutline SET artist_id = %s WHERE id = %s", thief.pk, line.pk)
    return [
        f"payout {sent.pk} says 0 for artist {line.artist_id}, the books say 4001",
        f"payout {sent.pk} says 4001 for artist {thief.pk}, the books say 0",
        f"payout {sent.pk} has 0 in lines for artist {line.artist_id} and 4001 in remittances",
        f"payout {sent.pk} has 4001 in lines for artist {thief.pk} and 0 in remittances",
        f"artist {line.artist_id} is owed 5201 EUR by their work and 1200 by the books",
        f"artist {thief.pk} is owed -4001 EUR by their work and 0 by the books",
    ]


def an_entry_of_no_cause(sent: Payout) -> list[str]:
    bank = clearing(currency="EUR")
    work = WorkItem.objects.get(amount_minor=12_00)
    owed = work.entries.get().postings.get(amount_minor=-12_00).account
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO payments_entry (cause, description) VALUES ('gift', 'x') RETURNING id"
        )
        [entry] = cursor.fetchone()
        cursor.execute(
            "INSERT INTO payments_posting (entry_id, account_id, currency, amount_minor) "
            "VALUES (%s, %s, 'EUR', 500), (%s, %s, 'EUR', -500)",
            [entry, bank.pk, entry, owed.pk],
        )
    return [
        f"artist {work.artist_id} is owed 1200 EUR by their work and 1700 by the books",
        f"entry {entry} names gift, which there is not",
        "EUR: the books have 6001 in transit, remittances 6501",
    ]


@pytest.mark.parametrize(
    "falsify",
    [
        one_posting_changed,
        an_entry_deleted,
        work_that_pays_more,
        a_payout_said_to_be_sent,
        sent_by_who_approved_it,
        a_line_to_somebody_else,
        an_entry_of_no_cause,
    ],
)
def test_what_was_falsified_is_named(sent: Payout, falsify: Callable[[Payout], list[str]]) -> None:
    said = falsify(sent)
    assert sorted(fault.words for fault in faults()) == sorted(said)
    out = StringIO()
    with pytest.raises(CommandError, match="The books are not in order"):
        call_command("verify_ledger", stdout=out)
    assert [line[5:] for line in out.getvalue().splitlines() if line.startswith("     ")] == [
        fault.words for fault in faults()
    ]


def test_an_account_of_another_currency(sent: Payout) -> None:
    posting = Posting.objects.filter(amount_minor=-12_00).get()
    by_sql("UPDATE payments_account SET currency = 'USD' WHERE id = %s", posting.account_id)
    code = posting.account.code
    assert f"posting {posting.pk} in EUR stands on {code}, which is in USD" in [
        fault.words for fault in faults()
    ]


def test_two_live_lines_of_one_work(sent: Payout) -> None:
    line = sent.lines.get(amount_minor=40_01)
    by_sql("DROP INDEX payout_line_one_live_per_work")
    by_sql(
        "INSERT INTO payments_payoutline (payout_id, work_id, artist_id, amount_minor, live) "
        "SELECT payout_id, work_id, artist_id, amount_minor, true "
        "FROM payments_payoutline WHERE id = %s",
        line.pk,
    )
    assert f"work {line.work_id} is in 2 live payouts" in [fault.words for fault in faults()]


def test_money_without_decimals(cohort: Cohort, artist: User, admin: User) -> None:
    adjust(
        actor=admin, artist=artist, cohort=cohort, amount_minor=1_200, currency="JPY", reason="x"
    )
    out = StringIO()
    call_command("verify_ledger", stdout=out)
    assert "JPY: 1200 debit, 1200 credit" in out.getvalue().splitlines()
    assert Entry.objects.count() == 1

"""One transfer to one artist: it arrives, comes back, or nobody knows; and is never made twice."""

from __future__ import annotations

import importlib
from datetime import timedelta

import pgtrigger
import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from payments.models import Entry, Payout, PayoutLine, Remittance, WorkItem
from payments.proofs import faults
from payments.queries import balances_of, liability_of
from payments.remittance_errors import AlreadyAnswered, FailureUnexplained, ProofMissing
from payments.services.payees import set_payee_details
from payments.services.payouts import approve, cancel, export
from payments.services.remittances import fail, lose_sight, settle, settle_all, time_out
from payments.states import PayeeMethod
from portal.errors import IllegalTransition
from portal.models import AuditEntry, Cohort, Notification, OutgoingMail, User
from tests.factories.payments import GB_IBAN, make_draft, make_sent, make_work
from tests.factories.portal import browser_of
from tests.owner import as_owner

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(cohort: Cohort, artist: User, admin: User, second_admin: User) -> Remittance:
    set_payee_details(
        actor=artist, artist=artist, method=PayeeMethod.IBAN, holder="Ada", account=GB_IBAN
    )
    make_work(artist, cohort, 25_00)
    return make_sent(admin, second_admin, cohort).remittances.get()


def legs(entry: Entry) -> list[tuple[str, int]]:
    return list(entry.postings.order_by("pk").values_list("account__code", "amount_minor"))


def test_its_key_is_stored_with_the_file_and_never_changes(
    cohort: Cohort, artist: User, admin: User, second_admin: User
) -> None:
    set_payee_details(
        actor=artist, artist=artist, method=PayeeMethod.IBAN, holder="Ada", account=GB_IBAN
    )
    make_work(artist, cohort, 25_00)
    payout = approve(actor=second_admin, payout=make_draft(admin, cohort))
    assert not payout.remittances.exists()
    for _click in range(2):
        export(actor=admin, payout=payout)
    row = payout.remittances.get()

    assert (row.state, row.attempt, row.amount_minor) == ("created", 1, 25_00)
    assert (row.account, row.account_hint, len(row.key)) == (GB_IBAN, "GB29 •••• 6819", 32)
    assert row.key in payout.export.body
    cancel(actor=admin, payout=payout, reason="wrong month")
    row.refresh_from_db()
    assert row.state == "withdrawn"
    assert list(faults()) == []


def test_it_arrives_once(sent: Remittance, admin: User, second_admin: User, artist: User) -> None:
    for actor in (admin, second_admin):
        row = settle(actor=actor, remittance=sent, bank_reference=" Statement 47 ")

    assert (row.state, row.closed_by, row.bank_reference) == ("settled", admin, "Statement 47")
    entry = Entry.objects.get(remittance=sent)
    assert entry.cause == f"remittance:{sent.pk}:settled"
    assert legs(entry) == [("asset:payout-clearing", 25_00), ("asset:bank", -25_00)]
    balance = balances_of(artist)[0]
    assert (balance.unpaid_minor, balance.paid_minor) == (0, 25_00)
    with pytest.raises(AlreadyAnswered):
        fail(actor=admin, remittance=sent, reason="closed")
    assert AuditEntry.objects.filter(action="remittance.settled").count() == 1
    assert list(faults()) == []


def test_what_came_back_is_owed_again_and_sets_out_anew(
    sent: Remittance, cohort: Cohort, artist: User, admin: User, second_admin: User
) -> None:
    with pytest.raises(FailureUnexplained):
        fail(actor=admin, remittance=sent, reason=" ")
    for _click in range(2):
        fail(actor=admin, remittance=sent, reason="The account is closed")

    assert legs(Entry.objects.get(remittance=sent)) == [
        ("asset:payout-clearing", 25_00),
        (f"liability:artist:{artist.pk}", -25_00),
    ]
    assert liability_of(artist, "EUR") == 25_00
    assert WorkItem.objects.owed().count() == 1
    notice = Notification.objects.get(kind="remittance.failed")
    assert "The account is closed. It is owed" in notice.text
    assert OutgoingMail.objects.filter(subject=notice.title).count() == 1
    page = browser_of(artist).get(f"/earnings/payouts/{sent.payout_id}/").content.decode()
    assert "The account is closed" in page

    again = make_sent(admin, second_admin, cohort).remittances.get()
    assert (again.attempt, again.amount_minor) == (2, 25_00)
    assert again.key != sent.key
    settle(actor=admin, remittance=again)
    assert balances_of(artist)[0].paid_minor == 25_00
    assert list(faults()) == []


def test_a_time_out_is_unknown_and_only_proof_ends_it(sent: Remittance, admin: User) -> None:
    assert time_out() == 0
    with as_owner(), pgtrigger.ignore():
        Remittance.objects.update(sent_at=timezone.now() - timedelta(days=8))
    assert (time_out(), time_out()) == (1, 0)
    sent.refresh_from_db()
    assert sent.state == "unknown"
    assert settle_all(actor=admin, payout=sent.payout, bank_reference="Statement 47") == 0
    for reference, note in (("", "seen"), ("Statement 47", " ")):
        with pytest.raises(ProofMissing):
            settle(actor=admin, remittance=sent, bank_reference=reference, note=note)
    with pytest.raises(DatabaseError, match="unknown_is_reconciled"), transaction.atomic():
        Remittance.objects.update(state="settled", closed_at=timezone.now(), closed_by=admin)
    settle(actor=admin, remittance=sent, bank_reference="Statement 47", note="On page 3")
    with pytest.raises(AlreadyAnswered):
        lose_sight(actor=admin, remittance=sent)
    assert list(faults()) == []


@pytest.mark.parametrize(
    ("statement", "match"),
    [
        (
            "UPDATE payments_remittance SET state = 'created', sent_at = NULL",
            "transition|Cannot update",
        ),
        ("UPDATE payments_remittance SET state = 'failed', closed_at = now()", "for_a_reason"),
        ("UPDATE payments_remittance SET state = 'settled'", "closed_at_a_time"),
        ("UPDATE payments_remittance SET state = 'unknown'", "unknown_at_a_time"),
        ("UPDATE payments_remittance SET sent_at = now()", "Cannot update"),
        ("UPDATE payments_remittance SET key = 'another'", "Cannot update"),
        ("UPDATE payments_remittance SET amount_minor = 1", "Cannot update"),
        ("DELETE FROM payments_remittance", "permission denied"),
        ("UPDATE payments_payoutline SET live = false", "remittance that failed"),
        (
            "INSERT INTO payments_remittance (payout_id, artist_id, attempt, key, amount_minor, "
            "currency, method, holder_sealed, account_sealed, account_hint, state, bank_reference, "
            "reason, note) SELECT payout_id, artist_id, 1, 'k', amount_minor, currency, '', '', "
            "'', '', 'created', '', '', '' FROM payments_remittance",
            "does not fit|once_per_payout",
        ),
        (
            "INSERT INTO payments_payoutline (payout_id, work_id, artist_id, amount_minor, live) "
            "SELECT payout_id, work_id, artist_id, amount_minor, true FROM payments_payoutline",
            "one_live_per_work|does not fit",
        ),
    ],
)
def test_what_the_database_refuses(sent: Remittance, statement: str, match: str) -> None:
    with (
        pytest.raises(DatabaseError, match=match),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_an_end_is_for_good(sent: Remittance, admin: User) -> None:
    settle(actor=admin, remittance=sent)
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        Remittance.objects.update(note="other")


def test_it_does_not_leave_before_its_payout(
    cohort: Cohort, artist: User, admin: User, second_admin: User
) -> None:
    make_work(artist, cohort, 25_00)
    payout = approve(actor=second_admin, payout=make_draft(admin, cohort))
    export(actor=admin, payout=payout)
    with pytest.raises(IllegalTransition):
        settle(actor=admin, remittance=payout.remittances.get())
    with pytest.raises(DatabaseError, match="goes with its payout"), transaction.atomic():
        payout.remittances.update(state="sent", sent_at=timezone.now())


def by_sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with as_owner(), pgtrigger.ignore():
            cursor.execute(statement)
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def test_what_was_falsified_is_named(sent: Remittance, admin: User) -> None:
    by_sql("UPDATE payments_remittance SET state = 'settled', closed_at = now()")
    assert [fault.words for fault in faults()] == [
        f"remittance {sent.pk} of 2500 EUR is settled and the books say nothing",
        "EUR: the books have 2500 in transit, remittances 0",
    ]
    by_sql("UPDATE payments_remittance SET state = 'sent', closed_at = NULL")
    by_sql("UPDATE payments_payoutline SET live = false")
    line = PayoutLine.objects.get()
    assert f"remittance {sent.pk} is sent and line {line.pk} is released" in [
        fault.words for fault in faults()
    ]
    by_sql("UPDATE payments_payoutline SET live = true")
    fail(actor=admin, remittance=sent, reason="closed")
    by_sql("ALTER TABLE payments_remittance DROP CONSTRAINT remittance_unknown_is_reconciled")
    by_sql("UPDATE payments_remittance SET unknown_at = now(), bank_reference = ''")
    assert [fault.words for fault in faults()] == [
        f"remittance {sent.pk} was unknown and is failed without proof"
    ]


def test_payouts_from_before_remittances_count_as_arrived(sent: Remittance) -> None:
    by_sql("UPDATE payments_payout SET state = 'sent'")
    by_sql("DELETE FROM payments_remittance")
    migration = importlib.import_module("payments.migrations.0005_remittances_of_old_payouts")
    for _run in range(2):
        by_sql(migration.BACKFILL)

    row = Remittance.objects.get()
    assert (row.state, row.amount_minor, row.closed_by) == ("settled", 25_00, row.payout.sent_by)
    assert Payout.objects.get().state == "sent"
    assert list(faults()) == []


def test_finance_answers_on_its_page(sent: Remittance, admin: User, artist: User) -> None:
    browser = browser_of(admin)
    listed = browser.get("/programme/payouts/remittances/").content.decode()
    assert artist.name in listed
    assert "GB29 •••• 6819" in listed
    assert GB_IBAN not in listed
    page = f"/programme/payouts/remittances/{sent.pk}/"
    url = f"{page}answer/"
    assert sent.key in browser.get(page).content.decode()

    refused = browser.post(url, {"outcome": "failed", "note": "the bank wrote"})
    assert refused.status_code == 400
    assert "Please say why the money came back" in refused.content.decode()
    assert "the bank wrote" in refused.content.decode()
    assert browser.post(url, {"outcome": "unknown"}).status_code == 302
    assert "1 transfer is unknown" in browser.get("/programme/payouts/").content.decode()
    assert "asking the bank" in (
        browser_of(artist).get(f"/earnings/payouts/{sent.payout_id}/").content.decode()
    )
    assert browser.post(url, {"outcome": "settled"}).status_code == 400
    proof = {"outcome": "settled", "bank_reference": "Statement 47", "note": "On page 3"}
    for _click in range(2):
        assert browser.post(url, proof).status_code == 302
    sent.refresh_from_db()
    assert (sent.state, sent.note) == ("settled", "On page 3")
    assert Entry.objects.filter(remittance=sent).count() == 1


def test_a_whole_payout_arrives(sent: Remittance, admin: User) -> None:
    url = f"/programme/payouts/{sent.payout_id}/settled/"
    browser = browser_of(admin)
    assert browser.post(url, {}).status_code == 302
    sent.refresh_from_db()
    assert sent.state == "sent"
    assert browser.post(url, {"bank_reference": "Statement 47"}).status_code == 302
    sent.refresh_from_db()
    assert (sent.state, sent.bank_reference) == ("settled", "Statement 47")

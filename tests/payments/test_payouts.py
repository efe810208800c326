"""From what is owed to what was sent, once."""

from __future__ import annotations

import hashlib
import uuid

import pytest
from django.db import DatabaseError, connection, transaction
from pytest_django import Settings

from payments.errors import (
    ApproverSends,
    DrafterSends,
    NothingOwed,
    OwedChanged,
    PayeeUnreadable,
    PaysApprover,
    ReasonMissing,
    SamePerson,
)
from payments.models import Entry, Payout, PayoutExport, PayoutLine, WorkItem
from payments.proofs import faults
from payments.queries import balances_of, liability_of, newest_owed, owed_batches, received_by
from payments.services.accrual import adjust, correct_work
from payments.services.payees import set_payee_details
from payments.services.payouts import approve, cancel, draft_payout, export, mark_sent
from payments.states import PayeeMethod
from portal.errors import IllegalTransition
from portal.models import AuditEntry, Cohort, Notification, OutgoingMail, User
from tests.factories.payments import (
    FR_IBAN,
    GB_IBAN,
    make_admin,
    make_artist,
    make_draft,
    make_sent,
    make_work,
)

pytestmark = pytest.mark.django_db


def draft(
    admin: User,
    cohort: Cohort,
    expected: dict[int, int],
    *,
    through: int | None = None,
    key: uuid.UUID | None = None,
) -> Payout:
    return draft_payout(
        actor=admin,
        cohort=cohort,
        currency="EUR",
        expected=expected,
        through=newest_owed(cohort=cohort, currency="EUR") if through is None else through,
        idempotency_key=key or uuid.uuid4(),
    )


class TestDraft:
    def test_exactly_what_was_shown_goes_in(
        self, cohort: Cohort, artist: User, other_artist: User, admin: User
    ) -> None:
        work = [make_work(artist, cohort, 10_00), make_work(artist, cohort, 15_00)]
        left_out = make_work(other_artist, cohort, 7_00)

        payout = draft(admin, cohort, {artist.pk: 25_00})

        assert (payout.state, payout.total_minor, payout.drafted_by) == ("draft", 25_00, admin)
        assert [line.work for line in payout.lines.all()] == work
        assert WorkItem.objects.owed().get() == left_out
        assert AuditEntry.objects.get(action="payout.drafted").after["work"] == [
            item.pk for item in work
        ]

    def test_work_that_came_later_waits(self, cohort: Cohort, artist: User, admin: User) -> None:
        shown = make_work(artist, cohort, 10_00)
        later = make_work(artist, cohort, 15_00)

        payout = draft(admin, cohort, {artist.pk: 10_00}, through=shown.pk)

        assert payout.total_minor == 10_00
        assert WorkItem.objects.owed().get() == later

    def test_a_total_that_changed_is_refused(
        self, cohort: Cohort, artist: User, admin: User
    ) -> None:
        work = make_work(artist, cohort, 10_00)
        correct_work(actor=admin, work=work, reason="by mistake")
        make_work(artist, cohort, 3_00)

        with pytest.raises(OwedChanged):
            draft(admin, cohort, {artist.pk: 10_00})
        assert not Payout.objects.exists()

    def test_an_artist_who_is_owed_nothing_is_refused(
        self, cohort: Cohort, artist: User, other_artist: User, admin: User
    ) -> None:
        make_work(artist, cohort, 10_00)
        with pytest.raises(OwedChanged):
            draft(admin, cohort, {artist.pk: 10_00, other_artist.pk: 5_00})

    def test_without_anybody_there_is_no_payout(
        self, cohort: Cohort, artist: User, admin: User
    ) -> None:
        with pytest.raises(NothingOwed):
            draft(admin, cohort, {artist.pk: 10_00})
        make_work(artist, cohort)
        with pytest.raises(NothingOwed):
            draft(admin, cohort, {})

    def test_less_than_nothing_is_not_paid(self, cohort: Cohort, artist: User, admin: User) -> None:
        adjust(
            actor=admin,
            artist=artist,
            cohort=cohort,
            amount_minor=-5_00,
            currency="EUR",
            reason="paid in cash",
        )
        with pytest.raises(OwedChanged):
            draft(admin, cohort, {artist.pk: -5_00})

    def test_the_same_form_twice_is_one_payout(
        self, cohort: Cohort, artist: User, admin: User
    ) -> None:
        make_work(artist, cohort, 10_00)
        key = uuid.uuid4()
        first = draft(admin, cohort, {artist.pk: 10_00}, key=key)

        assert draft(admin, cohort, {artist.pk: 10_00}, key=key) == first
        assert PayoutLine.objects.count() == 1

    def test_what_is_in_a_payout_is_not_owed_again(
        self, cohort: Cohort, artist: User, admin: User
    ) -> None:
        make_work(artist, cohort, 10_00)
        draft(admin, cohort, {artist.pk: 10_00})

        with pytest.raises(NothingOwed):
            draft(admin, cohort, {artist.pk: 10_00})
        assert owed_batches(Cohort.objects.all()) == []


class TestSteps:
    def test_the_whole_way(
        self, cohort: Cohort, artist: User, admin: User, second_admin: User
    ) -> None:
        make_work(artist, cohort, 25_00)
        payout = make_draft(admin, cohort)
        approve(actor=second_admin, payout=payout)
        export(actor=admin, payout=payout)
        sent = mark_sent(actor=admin, payout=payout)

        assert (sent.state, sent.approved_by, sent.sent_by) == ("sent", second_admin, admin)
        assert liability_of(artist, "EUR") == 0
        balance = balances_of(artist)[0]
        assert (balance.owed_minor, balance.in_transit_minor, balance.paid_minor) == (0, 25_00, 0)
        entry = Entry.objects.get(payout=payout)
        assert entry.cause == f"payout:{payout.pk}:sent"
        assert list(entry.postings.values_list("account__code", "amount_minor")) == [
            (f"liability:artist:{artist.pk}", 25_00),
            ("asset:payout-clearing", -25_00),
        ]
        actions = AuditEntry.objects.filter(action__startswith="payout.").order_by("id")
        assert list(actions.values_list("action", flat=True)) == [
            "payout.drafted",
            "payout.approved",
            "payout.exported",
            "payout.sent",
        ]

    def test_the_artist_gets_a_mail_with_the_statement(
        self, cohort: Cohort, other_artist: User, admin: User, second_admin: User
    ) -> None:
        make_work(other_artist, cohort, 25_00)
        payout = make_sent(admin, second_admin, cohort)

        notice = Notification.objects.get(user=other_artist, kind="payout.sent")
        assert notice.url == f"/earnings/payouts/{payout.pk}/"
        assert "25,00\u00a0€" in notice.title
        assert OutgoingMail.objects.filter(subject=" ".join(notice.title.split())).count() == 1
        assert received_by(other_artist)[0].total_minor == 25_00

    def test_every_step_twice_is_one_step(
        self, cohort: Cohort, artist: User, admin: User, second_admin: User
    ) -> None:
        make_work(artist, cohort, 25_00)
        payout = make_draft(admin, cohort)
        for step, actor in ((approve, second_admin), (export, admin), (mark_sent, admin)):
            first = step(actor=actor, payout=payout)
            again = step(actor=second_admin, payout=payout)
            assert first.state == again.state

        payout.refresh_from_db()
        assert payout.sent_by == admin
        assert Entry.objects.filter(payout=payout).count() == 1
        assert PayoutExport.objects.count() == 1
        assert Notification.objects.filter(kind="payout.sent").count() == 1

    def test_who_drafted_cannot_approve(self, cohort: Cohort, artist: User, admin: User) -> None:
        make_work(artist, cohort)
        payout = make_draft(admin, cohort)
        with pytest.raises(SamePerson):
            approve(actor=admin, payout=payout)

    def test_who_approved_cannot_send(
        self, cohort: Cohort, artist: User, admin: User, second_admin: User
    ) -> None:
        make_work(artist, cohort)
        payout = make_draft(admin, cohort)
        approve(actor=second_admin, payout=payout)
        export(actor=second_admin, payout=payout)
        with pytest.raises(ApproverSends):
            mark_sent(actor=second_admin, payout=payout)
        assert mark_sent(actor=admin, payout=payout).people == 2

    def test_three_people_where_the_programme_asks_for_them(
        self,
        cohort: Cohort,
        artist: User,
        admin: User,
        second_admin: User,
        settings: Settings,
    ) -> None:
        settings.PAYOUT_PEOPLE = 3
        make_work(artist, cohort)
        payout = make_draft(admin, cohort)
        # A payout keeps the rule that it was drafted under.
        settings.PAYOUT_PEOPLE = 2
        approve(actor=second_admin, payout=payout)
        export(actor=admin, payout=payout)
        for actor, refusal in ((admin, DrafterSends), (second_admin, ApproverSends)):
            with pytest.raises(refusal):
                mark_sent(actor=actor, payout=payout)
        third = make_admin("Third")
        sent = mark_sent(actor=third, payout=payout)

        assert (sent.people, sent.sent_by) == (3, third)
        assert list(faults()) == []

    def test_who_is_paid_cannot_approve(self, cohort: Cohort, artist: User, admin: User) -> None:
        make_work(artist, cohort)
        payout = make_draft(admin, cohort)
        with pytest.raises(PaysApprover):
            approve(actor=artist, payout=payout)

    def test_steps_are_not_skipped_or_taken_back(
        self, cohort: Cohort, artist: User, admin: User, second_admin: User
    ) -> None:
        make_work(artist, cohort)
        payout = make_draft(admin, cohort)
        for step in (export, mark_sent):
            with pytest.raises(IllegalTransition):
                step(actor=admin, payout=payout)
        for step, actor in ((approve, second_admin), (export, second_admin), (mark_sent, admin)):
            step(actor=actor, payout=payout)
        for late in (approve, export):
            with pytest.raises(IllegalTransition):
                late(actor=second_admin, payout=payout)
        with pytest.raises(IllegalTransition):
            cancel(actor=admin, payout=payout, reason="too late")

    def test_cancelling_makes_the_work_owed_again(
        self, cohort: Cohort, artist: User, admin: User
    ) -> None:
        work = make_work(artist, cohort, 25_00)
        payout = make_draft(admin, cohort)
        for _click in range(2):
            cancel(actor=admin, payout=payout)

        assert WorkItem.objects.owed().get() == work
        assert received_by(artist) == []
        assert make_draft(admin, cohort).total_minor == 25_00

    def test_cancelling_what_was_approved_needs_a_reason(
        self, cohort: Cohort, artist: User, admin: User, second_admin: User
    ) -> None:
        make_work(artist, cohort)
        payout = approve(actor=second_admin, payout=make_draft(admin, cohort))
        with pytest.raises(ReasonMissing):
            cancel(actor=admin, payout=payout, reason=" ")

        assert cancel(actor=admin, payout=payout, reason="wrong month").cancel_reason == (
            "wrong month"
        )

    def test_a_correction_after_payment_is_set_off_later(
        self, cohort: Cohort, artist: User, admin: User, second_admin: User
    ) -> None:
        paid = make_work(artist, cohort, 10_00)
        make_sent(admin, second_admin, cohort)
        correct_work(actor=admin, work=paid, reason="filed for somebody else")
        make_work(artist, cohort, 25_00)

        payout = make_sent(admin, second_admin, cohort)

        assert payout.total_minor == 15_00
        assert liability_of(artist, "EUR") == 0


class TestExport:
    def test_the_file_has_these_bytes(
        self, cohort: Cohort, artist: User, other_artist: User, admin: User, second_admin: User
    ) -> None:
        third = make_artist(cohort, "=cmd()")
        set_payee_details(
            actor=artist,
            artist=artist,
            method=PayeeMethod.IBAN,
            holder="Ada, Okafor",
            account=GB_IBAN,
        )
        set_payee_details(
            actor=other_artist,
            artist=other_artist,
            method=PayeeMethod.PAYPAL,
            holder="@Lucien",
            account="lucien@example.org",
        )
        for person, amount in ((third, 1), (artist, 40_00), (artist, 25_50), (other_artist, 5)):
            make_work(person, cohort, amount)
        payout = make_draft(admin, cohort)
        approve(actor=second_admin, payout=payout)
        export(actor=admin, payout=payout)

        stored = PayoutExport.objects.get()
        name = payout.reference
        keys = dict(payout.remittances.values_list("artist", "key"))
        expected = (
            "payout,payee,method,account,amount,currency,artist,email,key\r\n"
            f'{name},"Ada, Okafor",iban,{GB_IBAN},65.50,EUR,Ada Okafor,ada@example.org,'
            f"{keys[artist.pk]}\r\n"
            f"{name},'@Lucien,paypal,lucien@example.org,0.05,EUR,"
            f"Lucien Moreau,lucien@example.org,{keys[other_artist.pk]}\r\n"
            f"{name},'=cmd(),by hand,,0.01,EUR,'=cmd(),{third.email},{keys[third.pk]}\r\n"
        )
        assert stored.body.encode() == expected.encode()
        assert (stored.rows, stored.sha256) == (3, hashlib.sha256(expected.encode()).hexdigest())

    def test_it_is_encrypted_at_rest(
        self, cohort: Cohort, artist: User, admin: User, second_admin: User
    ) -> None:
        make_work(artist, cohort)
        payout = approve(actor=second_admin, payout=make_draft(admin, cohort))
        export(actor=admin, payout=payout)

        assert "ada@example.org" in PayoutExport.objects.get().body
        with connection.cursor() as cursor:
            cursor.execute("SELECT payments_payoutexport::text FROM payments_payoutexport")
            assert "ada@example.org" not in cursor.fetchone()[0]

    def test_details_that_cannot_be_read_stop_the_export(
        self, cohort: Cohort, artist: User, admin: User, second_admin: User
    ) -> None:
        details = set_payee_details(
            actor=artist,
            artist=artist,
            method=PayeeMethod.IBAN,
            holder="Ada",
            account=GB_IBAN,
        )
        type(details).objects.update(account_sealed="sealed elsewhere")
        make_work(artist, cohort)
        payout = approve(actor=second_admin, payout=make_draft(admin, cohort))

        with pytest.raises(PayeeUnreadable, match="Ada Okafor"):
            export(actor=admin, payout=payout)
        payout.refresh_from_db()
        assert payout.state == "approved"

    def test_it_stays_what_it_was(
        self, cohort: Cohort, artist: User, admin: User, second_admin: User
    ) -> None:
        make_work(artist, cohort)
        payout = approve(actor=second_admin, payout=make_draft(admin, cohort))
        export(actor=admin, payout=payout)
        before = PayoutExport.objects.get().body
        set_payee_details(
            actor=artist,
            artist=artist,
            method=PayeeMethod.IBAN,
            holder="Ada",
            account=FR_IBAN,
        )
        export(actor=admin, payout=payout)

        assert PayoutExport.objects.get().body == before
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            PayoutExport.objects.update(body_sealed="other")

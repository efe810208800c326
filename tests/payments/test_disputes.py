"""Disputes: in words that stay, ended with an entry or with words, never by oneself."""

from __future__ import annotations

import uuid

import pytest
from django.db import DatabaseError, transaction

from payments.dispute_errors import DisputeOver, DisputeSilent, OwnDispute
from payments.errors import BadRate
from payments.models import Dispute, DisputeMessage, WorkItem
from payments.proofs import faults
from payments.queries import liability_of
from payments.services import disputes
from portal.models import Cohort, OutgoingMail, User
from portal.states import Role
from tests.factories.payments import make_artist, make_work
from tests.factories.portal import browser_of, make_cohort, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort() -> Cohort:
    return make_cohort()


@pytest.fixture
def artist(cohort: Cohort) -> User:
    return make_artist(cohort)


@pytest.fixture
def finance() -> User:
    return make_person("Fina", role=Role.FINANCE)


def raised(artist: User, cohort: Cohort, work: WorkItem | None = None) -> Dispute:
    return disputes.raise_dispute(
        actor=artist, cohort=cohort, text="Too little", token=uuid.uuid4(), work=work
    )


def mails(person: User) -> int:
    return OutgoingMail.objects.filter(to__contains=person.email).count()


def test_a_line_is_disputed_answered_and_settled(
    cohort: Cohort, artist: User, finance: User
) -> None:
    work = make_work(artist, cohort, 25_00)
    row = raised(artist, cohort, work)
    # A second dispute of a line is the first one's thread.
    assert raised(artist, cohort, work) == row
    before = (mails(artist), mails(finance))

    answered = disputes.say(actor=finance, dispute=row, text="We look into it.")
    assert (answered.state, mails(artist) - before[0]) == ("answered", 1)
    opened = disputes.say(actor=artist, dispute=row, text="Thank you.")
    assert (opened.state, mails(finance) - before[1]) == ("open", 1)
    with pytest.raises(BadRate):
        disputes.settle(actor=finance, dispute=row, amount_minor=0, currency="EUR", text="No.")
    with pytest.raises(DisputeSilent):
        disputes.settle(actor=finance, dispute=row, amount_minor=5, currency="EUR", text=" ")
    done = disputes.settle(
        actor=finance, dispute=row, amount_minor=5_00, currency="EUR", text="You were right."
    )
    assert done.entry_work is not None
    assert (done.state, done.entry_work.note) == ("settled", "You were right.")
    assert liability_of(artist, "EUR") == 30_00
    assert list(faults()) == []
    with pytest.raises(DisputeOver):
        disputes.say(actor=artist, dispute=row, text="One more")
    with pytest.raises(DisputeOver):
        disputes.close(actor=finance, dispute=row, text="Twice")
    assert [said.text for said in row.messages.all()] == [
        "Too little",
        "Too little",
        "We look into it.",
        "Thank you.",
        "You were right.",
    ]
    # Once it is over the line can be disputed again.
    assert raised(artist, cohort, work) != row


def test_the_database_refuses_as_well(cohort: Cohort, artist: User, finance: User) -> None:
    row = raised(artist, cohort)
    with pytest.raises(OwnDispute):
        disputes.close(actor=artist, dispute=row, text="Never mind")
    changes: tuple[dict[str, object], ...] = (
        {"state": "closed"},
        {"state": "settled", "ended_by": finance, "ended_at": row.opened_at},
        {"state": "closed", "ended_by": artist, "ended_at": row.opened_at},
        {"cohort": make_cohort()},
    )
    for change in changes:
        with pytest.raises(DatabaseError), transaction.atomic():
            Dispute.objects.filter(pk=row.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        DisputeMessage.objects.update(text="Something else")
    with pytest.raises(DatabaseError), transaction.atomic():
        DisputeMessage.objects.all().delete()
    closed = disputes.close(actor=finance, dispute=row, text="It is there now")
    assert closed.state == "closed"
    with pytest.raises(DatabaseError), transaction.atomic():
        Dispute.objects.filter(pk=row.pk).update(ended_at=None, ended_by=None, state="open")


def test_pages(cohort: Cohort, artist: User, finance: User) -> None:
    mine, theirs = browser_of(artist), browser_of(finance)
    work = make_work(artist, cohort, 25_00)
    typed = {"token": str(uuid.uuid4()), "cohort": cohort.pk, "work": work.pk, "text": ""}
    refused = mine.post("/earnings/disputes/new/", typed)
    assert (refused.status_code, "Write what it is about." in refused.content.decode()) == (
        400,
        True,
    )
    for _twice in range(2):
        assert mine.post("/earnings/disputes/new/", {**typed, "text": "Too little"}).status_code
    row = Dispute.objects.get()
    assert row.messages.count() == 1
    assert artist.name in theirs.get("/programme/disputes/").content.decode()
    assert browser_of(make_artist(cohort)).get(f"/earnings/disputes/{row.pk}/").status_code == 404
    end = f"/programme/disputes/{row.pk}/end/"
    half = theirs.post(end, {"outcome": "settle", "amount": "1.005", "text": "Half a cent"})
    assert (half.status_code, "Half a cent" in half.content.decode()) == (400, True)
    assert (
        theirs.post(end, {"outcome": "settle", "amount": "-5", "text": "Twice"}).status_code == 302
    )
    assert liability_of(artist, "EUR") == 20_00
    assert "Twice" in mine.get(f"/earnings/disputes/{row.pk}/").content.decode()

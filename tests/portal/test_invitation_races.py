"""Many invitations at once, on real connections: nobody gets two mails."""

from __future__ import annotations

import pytest

from portal.errors import IllegalTransition
from portal.models import Cohort, Invitation, InvitationBatch, OutgoingMail, User
from portal.services import invitation_batches
from tests.factories.portal import make_cohort, make_invitation
from tests.portal.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def batch(cohort: Cohort, admin: User) -> InvitationBatch:
    content = b"email\n" + b"".join(b"p%d@example.org\n" % number for number in range(8))
    return invitation_batches.bring(actor=admin, cohort=cohort, name="a.csv", content=content)


def mails() -> int:
    return OutgoingMail.objects.filter(target_type="portal.invitation").count()


def test_a_double_click_starts_one_sending(batch: InvitationBatch, admin: User) -> None:
    def start() -> InvitationBatch:
        return invitation_batches.start(actor=admin, batch=batch)

    assert at_once(start, start).count(IllegalTransition) == 1


def test_three_workers_send_each_row_once(batch: InvitationBatch, admin: User) -> None:
    invitation_batches.start(actor=admin, batch=batch)
    at_once(*[invitation_batches.go_on] * 3)
    while invitation_batches.go_on():
        pass
    assert (Invitation.objects.count(), mails()) == (8, 8)
    batch.refresh_from_db()
    assert batch.state == "finished"


def test_stopped_while_it_is_sent(batch: InvitationBatch, admin: User) -> None:
    invitation_batches.start(actor=admin, batch=batch)
    at_once(
        invitation_batches.go_on,
        lambda: invitation_batches.stop(actor=admin, batch=batch),
    )
    batch.refresh_from_db()
    sent = batch.rows.filter(invitation__isnull=False).count()
    assert mails() == sent
    assert batch.rows.filter(is_due=True).count() == 8 - sent
    assert batch.state in ({"finished", "stopped"} if sent == 8 else {"stopped"})


def test_two_tables_never_promise_one_seat_twice(admin: User) -> None:
    small = make_cohort(actor=admin, seats=3)
    for stem in ("a", "b"):
        content = f"email\n{stem}1@example.org\n{stem}2@example.org\n".encode()
        made = invitation_batches.bring(actor=admin, cohort=small, name="t.csv", content=content)
        invitation_batches.start(actor=admin, batch=made)
    at_once(
        *[invitation_batches.go_on] * 2,
        lambda: make_invitation(small, actor=admin, email="c@example.org"),
    )
    while invitation_batches.go_on():
        pass
    assert Invitation.objects.filter(cohort=small).count() == 3

"""Many invitations at once, on real connections: nobody gets two mails."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from portal.errors import IllegalTransition
from portal.models import Cohort, Invitation, InvitationBatch, OutgoingMail, User
from portal.services import invitation_batches, invitation_reminders, invitations
from tests.factories.portal import make_cohort, make_invitation, token_of
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


def test_no_reminder_leaves_after_a_decline(cohort: Cohort, admin: User) -> None:
    """In either order on two connections; only what a mail server has in hand is past recall."""
    invitation = make_invitation(cohort, actor=admin, email="nour@example.org")
    token = token_of(invitation)
    OutgoingMail.objects.all().delete()
    sent = timezone.now() - timedelta(days=8)
    Invitation.objects.filter(pk=invitation.pk).update(
        invited_at=sent, expires_at=sent + timedelta(days=14)
    )
    # Declined, not committed: the reminder passes it over.
    with transaction.atomic():
        invitations.decline(token=token)
        assert at_once(invitation_reminders.remind_due) == [0]
        transaction.set_rollback(True)
    # Reminded, not committed: the decline waits for it, and takes its mail out of the outbox.
    declining = threading.Thread(target=at_once, args=(lambda: invitations.decline(token=token),))
    with transaction.atomic():
        assert invitation_reminders.remind_due() == 1
        declining.start()
        declining.join(timeout=0.2)
        assert declining.is_alive()
        assert mails() == 1
    declining.join(timeout=30)
    invitation.refresh_from_db()
    assert (invitation.state, mails(), invitation_reminders.remind_due()) == ("declined", 0, 0)

"""Reminders: one at half time, one before the end, never to who answered."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from portal import sealing
from portal.models import (
    AuditEntry,
    Cohort,
    Invitation,
    InvitationReminder,
    Membership,
    OutgoingMail,
    User,
)
from portal.services import cohorts, invitation_reminders, invitations, outbox
from portal.states import CohortState
from tests.factories.portal import PASSWORD, browser_of, make_invitation, token_of


@pytest.fixture
def invitation(cohort: Cohort, admin: User) -> Invitation:
    return make_invitation(cohort, actor=admin, email="nour@example.org", name="Nour")


def age(invitation: Invitation, days: float) -> None:
    """Let *days* of its fourteen be over."""
    sent = timezone.now() - timedelta(days=days)
    Invitation.objects.filter(pk=invitation.pk).update(
        invited_at=sent, expires_at=sent + timedelta(days=14)
    )


def kinds(invitation: Invitation) -> list[str]:
    return list(invitation.reminders.values_list("kind", flat=True))


def newest_mail(invitation: Invitation) -> str:
    mail = OutgoingMail.objects.filter(target_id=str(invitation.pk)).latest("id")
    text: str = json.loads(sealing.unseal(mail.sealed, purpose=outbox.PURPOSE))["text"]
    return text


@pytest.mark.parametrize(
    ("days", "wanted"),
    [(0, []), (6.9, []), (7.1, ["half"]), (10.9, ["half"]), (11.1, ["last"]), (14.1, [])],
)
def test_when(invitation: Invitation, days: float, wanted: list[str]) -> None:
    age(invitation, days)
    assert invitation_reminders.remind_due() == len(wanted)
    assert kinds(invitation) == wanted
    assert invitation_reminders.remind_due() == 0


def test_both_in_their_time_logged_and_counted(
    invitation: Invitation, cohort: Cohort, admin: User
) -> None:
    for days in (7.1, 11.1, 13):
        age(invitation, days)
        invitation_reminders.remind_due()
    assert kinds(invitation) == ["half", "last"]
    assert AuditEntry.objects.filter(action="invitation.reminded").count() == 2
    assert OutgoingMail.objects.filter(target_id=str(invitation.pk)).count() == 3
    page = browser_of(admin).get(f"/programme/cohorts/{cohort.slug}/invitations/")
    assert [found.reminder_count for found in page.context["invitations"]] == [2]


def test_a_short_invitation_is_reminded_of_once(invitation: Invitation, settings: Settings) -> None:
    settings.INVITATION_REMINDER_DAYS = 30
    age(invitation, 6.9)
    assert invitation_reminders.remind_due() == 0
    age(invitation, 7.1)
    assert invitation_reminders.remind_due() == 1
    assert kinds(invitation) == ["last"]


def test_switched_off(invitation: Invitation, settings: Settings) -> None:
    settings.INVITATION_REMINDER_DAYS = 0
    age(invitation, 11.1)
    assert invitation_reminders.remind_due() == 0


def test_its_link_and_the_first_one_open_the_same(client: Client, invitation: Invitation) -> None:
    first = token_of(invitation)
    age(invitation, 7.1)
    invitation_reminders.remind_due()
    text = newest_mail(invitation)
    [second, *_rest] = re.findall(r"/invite/([A-Za-z0-9_-]+)/", text)
    assert second != first
    assert second not in str(list(InvitationReminder.objects.values()))
    assert f"/invite/{second}/decline/" in text
    assert client.get(f"/invite/{first}/").status_code == 200
    done = client.post(f"/invite/{second}/", {"name": "Nour", "password": PASSWORD})
    assert done.status_code == 302
    assert Membership.objects.filter(user__email="nour@example.org").count() == 1
    assert Client().get(f"/invite/{first}/").status_code == 410
    assert Client().get(f"/invite/{second}/").status_code == 410


def test_the_link_of_a_reminder_declines_for_good(client: Client, invitation: Invitation) -> None:
    age(invitation, 7.1)
    invitation_reminders.remind_due()
    token = re.findall(r"/invite/([A-Za-z0-9_-]+)/", newest_mail(invitation))[0]
    assert client.post(f"/invite/{token}/decline/").status_code == 200
    age(invitation, 11.1)
    assert invitation_reminders.remind_due() == 0


def test_nobody_who_answered_and_none_of_a_closed_door(
    cohort: Cohort, admin: User, invitation: Invitation
) -> None:
    declined = make_invitation(cohort, actor=admin, email="a@example.org")
    invitations.decline(token=token_of(declined))
    revoked = make_invitation(cohort, actor=admin, email="b@example.org")
    invitations.revoke(actor=admin, invitation=revoked)
    accepted = make_invitation(cohort, actor=admin, email="c@example.org")
    invitations.accept(actor=None, token=token_of(accepted), name="C", password=PASSWORD)
    asked = invitations.request_invitation(actor=None, cohort=cohort, email="d@example.org")
    for answered in (declined, revoked, accepted):
        age(answered, 11.1)
    assert asked.expires_at is None
    assert invitation_reminders.remind_due() == 0
    age(invitation, 11.1)
    cohorts.change_state(actor=admin, cohort=cohort, state=CohortState.PAUSED)
    assert invitation_reminders.remind_due() == 0


def test_a_renewed_one_begins_anew(cohort: Cohort, admin: User, invitation: Invitation) -> None:
    age(invitation, 11.1)
    anew = invitations.resend(actor=admin, invitation=invitation)
    assert invitation_reminders.remind_due() == 0
    age(anew, 7.1)
    assert invitation_reminders.remind_due() == 1


def test_the_database_knows_each_kind_once_and_changes_none(invitation: Invitation) -> None:
    age(invitation, 7.1)
    invitation_reminders.remind_due()
    with (
        pytest.raises(IntegrityError, match="invitation_reminded_once_of_each_kind"),
        transaction.atomic(),
    ):
        InvitationReminder.objects.create(invitation=invitation, kind="half", token_hash="0" * 64)
    with pytest.raises(ProgrammingError, match="permission denied"):
        InvitationReminder.objects.update(kind="last")

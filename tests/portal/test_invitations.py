from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import check_password
from django.core import mail
from django.db import IntegrityError, ProgrammingError, transaction
from django.utils import timezone

from portal import queries
from portal.errors import (
    AlreadyInvited,
    AlreadyMember,
    CohortFull,
    CohortNotOpen,
    IllegalTransition,
    InvitationExpired,
    InvitationForAnother,
    InvitationInvalid,
    InvitationReplaced,
    InvitationRevoked,
    InvitationUsed,
    SignInFirst,
)
from portal.models import AuditEntry, Cohort, Invitation, Membership, OutgoingMail, User
from portal.services import cohorts, invitations, outbox
from portal.signals import member_joined
from portal.states import CohortState, InvitationState
from tests.factories.portal import (
    PASSWORD,
    join,
    make_cohort,
    make_invitation,
    make_person,
    token_of,
)


def expire(invitation: Invitation) -> None:
    Invitation.objects.filter(pk=invitation.pk).update(
        expires_at=timezone.now() - timedelta(seconds=1)
    )


class TestInvite:
    def test_the_mail_carries_the_only_copy_of_the_link(self, cohort: Cohort, admin: User) -> None:
        invitation = invitations.invite(
            actor=admin,
            cohort=cohort,
            email="  New@Example.org ",
            name="Nour",
            note="I liked your film.",
        )
        token = token_of(invitation)
        assert (invitation.email, invitation.state) == ("new@example.org", "invited")
        assert len(token) == 43
        row = OutgoingMail.objects.get(target_id=str(invitation.pk))
        stored = f"{Invitation.objects.values().get(pk=invitation.pk)} {vars(row)}"
        assert token not in stored
        assert token not in str(list(AuditEntry.objects.values_list("after", flat=True)))
        outbox.deliver_waiting()
        sent = next(message for message in mail.outbox if message.to == ["Nour <new@example.org>"])
        assert sent.subject == "Alba Ferrari invites you to Spring residency"
        assert f"/invite/{token}/" in sent.body
        assert "I liked your film." in sent.body

    def test_the_mail_speaks_the_language_of_the_invited(self, cohort: Cohort, admin: User) -> None:
        invitation = make_invitation(cohort, actor=admin, language="fr")
        assert invitation.language == "fr"

    def test_an_address_has_one_live_invitation_a_cohort(self, cohort: Cohort, admin: User) -> None:
        make_invitation(cohort, actor=admin, email="new@example.org")
        with pytest.raises(AlreadyInvited) as refused:
            make_invitation(cohort, actor=admin, email="NEW@example.org")
        assert refused.value.field == "email"

    def test_the_database_refuses_a_second_live_invitation(
        self, cohort: Cohort, admin: User
    ) -> None:
        first = make_invitation(cohort, actor=admin)
        with pytest.raises(IntegrityError, match="invitation_one_live_per_address"):
            Invitation.objects.create(
                cohort=cohort,
                email=first.email.upper(),
                token_hash="0" * 64,
                invited_by=admin,
                expires_at=first.expires_at,
            )

    def test_an_ended_invitation_makes_room_for_a_new_one(
        self, cohort: Cohort, admin: User
    ) -> None:
        first = make_invitation(cohort, actor=admin)
        expire(first)
        make_invitation(cohort, actor=admin)
        first.refresh_from_db()
        assert first.state == "expired"

    def test_a_member_is_not_invited_again(self, cohort: Cohort, admin: User, artist: User) -> None:
        with pytest.raises(AlreadyMember):
            make_invitation(cohort, actor=admin, email=artist.email)

    def test_promised_seats_count(self, admin: User) -> None:
        small = make_cohort(actor=admin, seats=2)
        join(make_person(), small)
        make_invitation(small, actor=admin, email="a@example.org")
        with pytest.raises(CohortFull):
            make_invitation(small, actor=admin, email="b@example.org")

    def test_a_paused_cohort_invites_nobody(self, cohort: Cohort, admin: User) -> None:
        cohorts.change_state(actor=admin, cohort=cohort, state=CohortState.PAUSED)
        with pytest.raises(CohortNotOpen):
            make_invitation(cohort, actor=admin)


class TestAccept:
    def test_a_new_person_joins_once(self, cohort: Cohort, admin: User) -> None:
        invitation = make_invitation(cohort, actor=admin, email="nour@example.org")
        token = token_of(invitation)
        heard: list[Membership] = []

        def listen(membership: Membership, **kwargs: object) -> None:
            heard.append(membership)

        member_joined.connect(listen)
        try:
            membership = invitations.accept(
                actor=None, token=token, name="Nour", language="fr", password=PASSWORD
            )
        finally:
            member_joined.disconnect(listen)
        person = membership.user
        assert (person.email, person.name, person.language) == ("nour@example.org", "Nour", "fr")
        assert check_password(PASSWORD, person.password)
        address = EmailAddress.objects.get(user=person)
        assert (address.email, address.verified, address.primary) == (
            "nour@example.org",
            True,
            True,
        )
        assert heard == [membership]
        invitation.refresh_from_db()
        assert (invitation.state, invitation.accepted_by) == ("accepted", person)
        assert list(
            AuditEntry.objects.filter(actor=person).order_by("id").values_list("action", flat=True)
        ) == ["person.created", "member.joined", "invitation.accepted"]
        assert admin.notifications.get(kind="invitation.accepted").title == (
            "Nour has joined Spring residency"
        )
        with pytest.raises(InvitationUsed):
            invitations.accept(actor=None, token=token, name="Nour", password=PASSWORD)

    def test_without_a_password_the_account_has_none(self, cohort: Cohort, admin: User) -> None:
        token = token_of(make_invitation(cohort, actor=admin))
        membership = invitations.accept(actor=None, token=token, name="Nour")
        assert not membership.user.has_usable_password()

    def test_a_made_up_link(self, db: None) -> None:
        with pytest.raises(InvitationInvalid):
            invitations.accept(actor=None, token="x" * 43, name="Nour", password=PASSWORD)

    def test_after_its_time(self, cohort: Cohort, admin: User) -> None:
        invitation = make_invitation(cohort, actor=admin)
        expire(invitation)
        with pytest.raises(InvitationExpired):
            invitations.accept(actor=None, token=token_of(invitation), name="N", password=PASSWORD)
        assert not User.objects.filter(email=invitation.email).exists()

    def test_withdrawn(self, cohort: Cohort, admin: User) -> None:
        invitation = make_invitation(cohort, actor=admin)
        invitations.revoke(actor=admin, invitation=invitation, reason="wrong address")
        with pytest.raises(InvitationRevoked):
            invitations.accept(actor=None, token=token_of(invitation), name="N", password=PASSWORD)

    def test_no_seat_makes_no_account(self, admin: User) -> None:
        small = make_cohort(actor=admin, seats=1)
        token = token_of(make_invitation(small, actor=admin, email="late@example.org"))
        join(make_person(), small)
        with pytest.raises(CohortFull):
            invitations.accept(actor=None, token=token, name="Late", password=PASSWORD)
        assert not User.objects.filter(email="late@example.org").exists()

    def test_a_paused_cohort_lets_nobody_in(self, cohort: Cohort, admin: User) -> None:
        token = token_of(make_invitation(cohort, actor=admin))
        cohorts.change_state(actor=admin, cohort=cohort, state=CohortState.PAUSED)
        with pytest.raises(CohortNotOpen):
            invitations.accept(actor=None, token=token, name="N", password=PASSWORD)

    def test_an_account_signs_in_first(self, cohort: Cohort, admin: User) -> None:
        known = make_person("Known", email="known@example.org")
        token = token_of(make_invitation(cohort, actor=admin, email=known.email))
        with pytest.raises(SignInFirst):
            invitations.accept(actor=None, token=token, name="Thief", password=PASSWORD)
        assert invitations.accept(actor=known, token=token).user == known

    def test_somebody_elses_link(self, cohort: Cohort, admin: User) -> None:
        token = token_of(make_invitation(cohort, actor=admin))
        with pytest.raises(InvitationForAnother):
            invitations.accept(actor=make_person(), token=token)

    def test_an_unconfirmed_claim_to_the_address_blocks_nobody(
        self, cohort: Cohort, admin: User
    ) -> None:
        squatter = make_person()
        EmailAddress.objects.create(user=squatter, email="new@example.org")
        token = token_of(make_invitation(cohort, actor=admin, email="new@example.org"))
        with pytest.raises(InvitationForAnother):
            invitations.accept(actor=squatter, token=token)
        membership = invitations.accept(actor=None, token=token, name="New", password=PASSWORD)
        assert membership.user.email == "new@example.org"


class TestRenew:
    def test_the_old_link_is_dead_at_once(self, cohort: Cohort, admin: User) -> None:
        old = make_invitation(cohort, actor=admin)
        new = invitations.resend(actor=admin, invitation=old)
        assert new.replaces == old
        with pytest.raises(InvitationReplaced):
            queries.invitation_by_token(token_of(old))
        assert queries.invitation_by_token(token_of(new)) == new
        assert list(queries.invitations_of(cohort)) == [new]

    def test_an_ended_one_can_be_renewed(self, cohort: Cohort, admin: User) -> None:
        old = make_invitation(cohort, actor=admin)
        expire(old)
        invitations.resend(actor=admin, invitation=old)
        old.refresh_from_db()
        assert old.state == "expired"

    def test_a_renewed_one_cannot_be_renewed_again(self, cohort: Cohort, admin: User) -> None:
        old = make_invitation(cohort, actor=admin)
        invitations.resend(actor=admin, invitation=old)
        with pytest.raises(InvitationReplaced):
            invitations.resend(actor=admin, invitation=old)

    def test_an_accepted_one_cannot(self, cohort: Cohort, admin: User) -> None:
        old = make_invitation(cohort, actor=admin)
        invitations.accept(actor=None, token=token_of(old), name="N", password=PASSWORD)
        with pytest.raises(InvitationUsed):
            invitations.resend(actor=admin, invitation=old)


class TestOpen:
    def test_seen_once(self, cohort: Cohort, admin: User) -> None:
        invitation = make_invitation(cohort, actor=admin)
        token = token_of(invitation)
        first = invitations.open_invitation(token=token)
        assert first.state == "opened"
        assert invitations.open_invitation(token=token).opened_at == first.opened_at
        assert AuditEntry.objects.filter(action="invitation.opened").count() == 1


class TestWithdraw:
    def test_not_after_it_was_accepted(self, cohort: Cohort, admin: User) -> None:
        invitation = make_invitation(cohort, actor=admin)
        invitations.accept(actor=None, token=token_of(invitation), name="N", password=PASSWORD)
        with pytest.raises(IllegalTransition):
            invitations.revoke(actor=admin, invitation=invitation)

    def test_the_database_knows_the_steps_too(self, cohort: Cohort, admin: User) -> None:
        invitation = make_invitation(cohort, actor=admin)
        invitations.revoke(actor=admin, invitation=invitation)
        with pytest.raises(ProgrammingError, match="Invalid transition"), transaction.atomic():
            Invitation.objects.filter(pk=invitation.pk).update(state=InvitationState.INVITED)

    def test_the_database_wants_to_know_who_accepted(self, cohort: Cohort, admin: User) -> None:
        invitation = make_invitation(cohort, actor=admin)
        with pytest.raises(IntegrityError, match="invitation_accepted_by_someone"):
            Invitation.objects.filter(pk=invitation.pk).update(state=InvitationState.ACCEPTED)


def test_what_is_due_expires(cohort: Cohort, admin: User) -> None:
    due = make_invitation(cohort, actor=admin, email="a@example.org")
    live = make_invitation(cohort, actor=admin, email="b@example.org")
    expire(due)
    assert invitations.expire_due() == 1
    assert invitations.expire_due() == 0
    due.refresh_from_db()
    live.refresh_from_db()
    assert (due.state, live.state) == ("expired", "invited")

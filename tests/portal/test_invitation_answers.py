"""Invitations that are asked for, declined, or opened by a program instead of a person."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.test import Client
from django.utils import timezone

from portal import invitation_history, queries
from portal.errors import (
    AlreadyInvited,
    AlreadyMember,
    CohortFull,
    CohortNotOpen,
    IllegalTransition,
)
from portal.invitation_errors import CohortClosed, InvitationDeclined
from portal.models import AuditEntry, Cohort, Invitation, Membership, OutgoingMail, User
from portal.services import cohorts, invitations, outbox
from portal.states import CohortState, InvitationState, Role
from tests.factories.portal import (
    PASSWORD,
    browser_of,
    join,
    make_cohort,
    make_invitation,
    make_person,
    token_of,
)

EMAIL = "nour@example.org"


@pytest.fixture
def invitation(cohort: Cohort, admin: User) -> Invitation:
    return make_invitation(cohort, actor=admin, email=EMAIL, name="Nour")


@pytest.fixture
def url(invitation: Invitation) -> str:
    return f"/invite/{token_of(invitation)}/"


def ask(cohort: Cohort, actor: User | None = None, email: str = EMAIL) -> Invitation:
    return invitations.request_invitation(actor=actor, cohort=cohort, email=email, note="A painter")


def end(invitation: Invitation) -> None:
    Invitation.objects.filter(pk=invitation.pk).update(
        expires_at=timezone.now() - timedelta(seconds=1)
    )


class TestRequest:
    def test_nothing_is_sent_and_no_seat_promised(
        self, cohort: Cohort, admin: User, reviewer: User
    ) -> None:
        seats = queries.seats_left(cohort)
        asked = ask(cohort, reviewer, " Nour@Example.org ")
        assert (asked.email, asked.state, asked.token_hash) == (EMAIL, "requested", None)
        assert queries.seats_left(cohort) == seats
        assert not OutgoingMail.objects.filter(target_type="portal.invitation").exists()
        notice = admin.notifications.get(kind="invitation.requested")
        assert notice.title == f"An invitation to {cohort.name} is asked for: {EMAIL}"
        assert (notice.text, notice.url) == ("A painter", f"/programme/invitations/{asked.pk}/")

    def test_asking_twice_is_asking_once(self, cohort: Cohort, reviewer: User) -> None:
        assert ask(cohort, reviewer) == ask(cohort)
        assert AuditEntry.objects.filter(action="invitation.requested").count() == 1

    def test_who_is_in_or_invited_is_not_asked_for(
        self, cohort: Cohort, artist: User, invitation: Invitation
    ) -> None:
        with pytest.raises(AlreadyMember):
            ask(cohort, email=artist.email)
        with pytest.raises(AlreadyInvited):
            ask(cohort)

    def test_a_closed_cohort(self, cohort: Cohort, admin: User) -> None:
        cohorts.change_state(actor=admin, cohort=cohort, state=CohortState.CLOSED)
        with pytest.raises(CohortClosed):
            ask(cohort)

    def test_sent_it_is_an_invitation_like_any_other(self, cohort: Cohort, admin: User) -> None:
        asked = ask(cohort)
        sent = invitations.send_requested(actor=admin, invitation=asked)
        assert (sent.pk, sent.state, sent.invited_by) == (asked.pk, "invited", admin)
        invitations.accept(actor=None, token=token_of(sent), name="Nour", password=PASSWORD)
        with pytest.raises(IllegalTransition):
            invitations.send_requested(actor=admin, invitation=asked)

    def test_inviting_the_address_answers_the_request(self, cohort: Cohort, admin: User) -> None:
        asked = ask(cohort)
        sent = make_invitation(cohort, actor=admin, email=EMAIL, name="Nour", language="fr")
        assert sent.pk == asked.pk
        sent.refresh_from_db()
        assert (sent.state, sent.name, sent.language) == ("invited", "Nour", "fr")

    def test_no_seat_and_no_open_cohort(self, admin: User) -> None:
        small = make_cohort(actor=admin, seats=1)
        asked = ask(small)
        join(make_person(), small)
        with pytest.raises(CohortFull):
            invitations.send_requested(actor=admin, invitation=asked)
        cohorts.change_state(actor=admin, cohort=small, state=CohortState.PAUSED)
        with pytest.raises(CohortNotOpen):
            invitations.send_requested(actor=admin, invitation=asked)

    def test_refused_it_cannot_be_resent(self, cohort: Cohort, admin: User) -> None:
        asked = ask(cohort)
        refused = invitations.revoke(actor=admin, invitation=asked)
        assert refused.state == "revoked"
        with pytest.raises(IllegalTransition):
            invitations.resend(actor=admin, invitation=asked)

    def test_the_database_wants_it_sent_whole_or_not_at_all(
        self, cohort: Cohort, invitation: Invitation
    ) -> None:
        with (
            pytest.raises(IntegrityError, match="invitation_sent_whole_or_not_at_all"),
            transaction.atomic(),
        ):
            Invitation.objects.filter(pk=invitation.pk).update(token_hash=None)
        asked = ask(cohort, email="other@example.org")
        with (
            pytest.raises(IntegrityError, match="invitation_sent_whole_or_not_at_all"),
            transaction.atomic(),
        ):
            Invitation.objects.filter(pk=asked.pk).update(state=InvitationState.INVITED)

    def test_an_admin_sends_it_from_its_page(self, cohort: Cohort, admin: User) -> None:
        asked = ask(cohort)
        browser = browser_of(admin)
        page = browser.get(f"/programme/invitations/{asked.pk}/").content.decode()
        assert f"/programme/invitations/{asked.pk}/send/" in page
        assert browser.post(f"/programme/invitations/{asked.pk}/send/").status_code == 302
        asked.refresh_from_db()
        assert asked.state == "invited"


class TestDecline:
    def test_with_a_word(
        self, client: Client, url: str, invitation: Invitation, admin: User
    ) -> None:
        seats = queries.seats_left(invitation.cohort)
        assert client.get(f"{url}decline/").status_code == 200
        page = client.post(f"{url}decline/", {"note": "100% busy until May"})
        assert (page.status_code, "You have declined" in page.content.decode()) == (200, True)
        invitation.refresh_from_db()
        assert (invitation.state, invitation.declined_note) == ("declined", "100% busy until May")
        assert invitation.declined_at is not None
        assert queries.seats_left(invitation.cohort) == seats + 1
        notice = admin.notifications.get(kind="invitation.declined")
        assert notice.title == "Nour has declined the invitation to Spring residency"
        assert notice.text == "100% busy until May"
        assert not User.objects.filter(email=EMAIL).exists()

    def test_what_is_said_is_checked_and_kept(self, client: Client, url: str) -> None:
        page = client.post(f"{url}decline/", {"note": "x" * 501})
        assert page.status_code == 400
        assert "x" * 501 in page.content.decode()

    def test_then_the_link_says_so_and_lets_ask_anew(
        self, client: Client, url: str, invitation: Invitation, admin: User
    ) -> None:
        client.post(f"{url}decline/")
        page = client.get(url)
        assert page.status_code == 410
        assert f'action="{url}ask/"' in page.content.decode()
        assert client.post(url, {"name": "N", "password": PASSWORD}).status_code == 410
        with pytest.raises(InvitationDeclined):
            invitations.resend(actor=admin, invitation=invitation)
        assert client.post(f"{url}ask/").status_code == 200
        assert client.post(f"{url}ask/").status_code == 200
        asked = Invitation.objects.get(state="requested")
        assert (asked.email, asked.requested_by) == (EMAIL, None)
        assert admin.notifications.filter(kind="invitation.requested").count() == 1

    def test_a_new_invitation_can_follow(
        self, client: Client, url: str, invitation: Invitation, cohort: Cohort, admin: User
    ) -> None:
        client.post(f"{url}decline/")
        form = browser_of(admin).get(f"/programme/cohorts/{cohort.slug}/invite/?email={EMAIL}")
        assert 'value="Nour"' in form.content.decode()
        anew = make_invitation(cohort, actor=admin, email=EMAIL)
        assert anew.pk != invitation.pk
        assert client.get(f"/invite/{token_of(anew)}/").status_code == 200

    def test_somebody_else_who_is_signed_in(
        self, artist_client: Client, url: str, invitation: Invitation
    ) -> None:
        assert artist_client.post(f"{url}decline/").status_code == 409
        invitation.refresh_from_db()
        assert invitation.state == "invited"

    def test_the_database_wants_the_moment(self, invitation: Invitation) -> None:
        with pytest.raises(IntegrityError, match="invitation_declined_at_some_time"):
            Invitation.objects.filter(pk=invitation.pk).update(state=InvitationState.DECLINED)

    def test_the_database_lets_no_one_change_their_mind(
        self, client: Client, url: str, invitation: Invitation
    ) -> None:
        client.post(f"{url}decline/")
        with pytest.raises(ProgrammingError, match="Invalid transition"):
            Invitation.objects.filter(pk=invitation.pk).update(
                state=InvitationState.INVITED, declined_at=None
            )


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"HTTP_SEC_PURPOSE": "prefetch"},
        {"HTTP_USER_AGENT": "Mozilla/5.0 (compatible; MailScanner/5)"},
    ],
)
def test_a_storm_of_scanners_changes_nothing(
    client: Client, url: str, invitation: Invitation, how: dict[str, str]
) -> None:
    before = (
        Invitation.objects.values().get(pk=invitation.pk),
        AuditEntry.objects.count(),
        User.objects.count(),
    )
    for path in (url, f"{url}decline/", f"{url}opened/", f"{url}ask/"):
        for _turn in range(3):
            client.get(path, **how)  # type: ignore[arg-type]
            client.head(path, **how)  # type: ignore[arg-type]
            client.options(path, **how)  # type: ignore[arg-type]
    assert "_auth_user_id" not in client.session
    assert before == (
        Invitation.objects.values().get(pk=invitation.pk),
        AuditEntry.objects.count(),
        User.objects.count(),
    )
    assert client.post(url, {"name": "Nour", "password": PASSWORD}).status_code == 302
    assert Membership.objects.filter(user__email=EMAIL).count() == 1


def test_opened_is_noted_by_what_a_person_does(client: Client, url: str) -> None:
    text = client.get(url).content.decode()
    assert 'hx-trigger="pointermove from:body once, touchstart from:body once' in text


class TestClosedPages:
    def test_ended(self, client: Client, url: str, invitation: Invitation) -> None:
        end(invitation)
        page = client.get(url)
        assert page.status_code == 410
        assert f'action="{url}ask/"' in page.content.decode()
        assert client.post(f"{url}ask/").status_code == 200
        assert Invitation.objects.get(state="requested").email == EMAIL
        invitation.refresh_from_db()
        assert invitation.state == "expired"

    def test_a_link_that_works_or_never_did_asks_for_nothing(
        self, client: Client, url: str
    ) -> None:
        assert client.post(f"{url}ask/").status_code == 409
        assert client.post("/invite/made-up/ask/").status_code == 404
        assert not Invitation.objects.filter(state="requested").exists()

    def test_withdrawn_names_who_to_write_to(
        self, client: Client, url: str, invitation: Invitation, admin: User
    ) -> None:
        invitations.revoke(actor=admin, invitation=invitation)
        assert f"write to {admin.name}" in client.get(url).content.decode()
        assert client.post(f"{url}ask/").status_code == 410

    def test_used_leads_to_signing_in(self, client: Client, url: str) -> None:
        client.post(url, {"name": "Nour", "password": PASSWORD})
        page = Client().get(url)
        assert (page.status_code, "/accounts/login/" in page.content.decode()) == (410, True)

    def test_full_says_that_it_stays_good(self, client: Client, admin: User) -> None:
        small = make_cohort(actor=admin, seats=1)
        link = f"/invite/{token_of(make_invitation(small, actor=admin, email=EMAIL))}/"
        join(make_person(), small)
        page = client.post(link, {"name": "Nour", "password": PASSWORD})
        assert (page.status_code, "stays good until" in page.content.decode()) == (409, True)
        assert not User.objects.filter(email=EMAIL).exists()


class TestTimeline:
    def test_every_step_and_mail_of_all_its_links(
        self, client: Client, cohort: Cohort, admin: User, invitation: Invitation
    ) -> None:
        outbox.deliver_waiting()
        anew = invitations.resend(actor=admin, invitation=invitation)
        link = f"/invite/{token_of(anew)}/"
        client.post(f"{link}opened/")
        client.post(f"{link}decline/", {"note": "Not now"})
        told = [
            (item["actor"], str(item["text"]), item["note"])
            for item in invitation_history.timeline_of(anew)
        ]
        assert told == [
            ("The invited person", "declined the invitation", "Not now"),
            ("The invited person", "opened the invitation", ""),
            (admin.name, "sent a new link for the invitation", ""),
            ("Greenroom itself", "delivered a mail", ""),
            (admin.name, "sent an invitation", ""),
        ]
        old = browser_of(admin).get(f"/programme/invitations/{invitation.pk}/").content.decode()
        assert f"/programme/invitations/{anew.pk}/" in old


class TestAddresses:
    def test_two_cohorts_invite_one_address(
        self, client: Client, url: str, admin: User, cohort: Cohort
    ) -> None:
        other = make_cohort(actor=admin)
        second = make_invitation(other, actor=admin, email=EMAIL.upper())
        client.post(url, {"name": "Nour", "password": PASSWORD})
        page = client.get(f"/invite/{token_of(second)}/")
        assert "Accept the invitation" in page.content.decode()
        assert client.post(f"/invite/{token_of(second)}/").status_code == 302
        person = User.objects.get(email=EMAIL)
        assert set(person.memberships.values_list("cohort", flat=True)) == {cohort.pk, other.pk}

    def test_staff_accept_by_signing_in(self, client: Client, url: str) -> None:
        person = make_person("Nour", email=EMAIL, role=Role.REVIEWER)
        page = client.post(url, {"name": "Other", "password": PASSWORD})
        assert (page.status_code, "No second account" in page.content.decode()) == (409, True)
        assert browser_of(person).post(url).status_code == 302
        assert User.objects.filter(email__iexact=EMAIL).count() == 1
        assert person.memberships.count() == 1

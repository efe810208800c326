"""The invited person's way in, page by page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.test import Client
from django.utils import timezone

from portal.models import Cohort, Invitation, User
from portal.services import cohorts, invitations
from portal.states import CohortState
from tests.factories.portal import PASSWORD, make_invitation, make_person, token_of


@pytest.fixture
def invitation(cohort: Cohort, admin: User) -> Invitation:
    return make_invitation(
        cohort, actor=admin, email="nour@example.org", name="Nour", note="Do come."
    )


@pytest.fixture
def url(invitation: Invitation) -> str:
    return f"/invite/{token_of(invitation)}/"


def test_looking_changes_nothing(client: Client, url: str, invitation: Invitation) -> None:
    page = client.get(url)
    assert page.status_code == 200
    text = page.content.decode()
    assert "Spring residency" in text
    assert "Do come." in text
    assert 'value="Nour"' in text
    invitation.refresh_from_db()
    assert invitation.state == "invited"


def test_the_page_itself_says_that_somebody_looks(
    client: Client, url: str, invitation: Invitation
) -> None:
    assert f'hx-post="{url}opened/"' in client.get(url).content.decode()
    assert client.post(f"{url}opened/").status_code == 204
    invitation.refresh_from_db()
    assert invitation.state == "opened"
    assert client.post("/invite/made-up/opened/").status_code == 404


def test_with_a_password(client: Client, url: str) -> None:
    done = client.post(url, {"name": "Nour Haddad", "password": PASSWORD, "way": "password"})
    assert (done.status_code, done["Location"]) == (302, "/agreement/")
    person = User.objects.get(email="nour@example.org")
    assert person.name == "Nour Haddad"
    assert client.session["_auth_user_id"] == str(person.pk)
    assert client.get("/agreement/").status_code == 200


def test_with_a_passkey(client: Client, url: str) -> None:
    done = client.post(url, {"name": "Nour Haddad", "password": "", "way": "passkey"})
    assert (done.status_code, done["Location"]) == (302, "/accounts/2fa/webauthn/add/")
    person = User.objects.get(email="nour@example.org")
    assert not person.has_usable_password()
    page = client.get(done["Location"])
    assert page.status_code == 200
    assert page.context["form"].initial["passwordless"] is True
    # What follows the first passkey asks for no second proof either.
    RecoveryCodes.activate(person)
    assert client.get("/accounts/2fa/recovery-codes/").status_code == 200


def test_with_a_passkey_nothing_typed_as_a_password_is_kept(client: Client, url: str) -> None:
    client.post(url, {"name": "Nour", "password": "short", "way": "passkey"})
    assert not User.objects.get(email="nour@example.org").has_usable_password()


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"password": ""}, "password"),
        ({"password": "short"}, "password"),
        ({"password": "password12"}, "password"),
        ({"password": "nour@example.org"}, "password"),
    ],
)
def test_what_cannot_be_is_said_and_kept(
    client: Client, url: str, typed: dict[str, str], field: str
) -> None:
    page = client.post(url, {"name": "Nour Haddad", "password": PASSWORD, **typed})
    assert page.status_code == 400
    assert list(page.context["form"].errors) == [field]
    if "name" not in typed:
        assert 'value="Nour Haddad"' in page.content.decode()
    assert not User.objects.filter(email="nour@example.org").exists()


def test_a_tampered_link(client: Client, url: str) -> None:
    assert client.get(f"{url[:-2]}x/").status_code == 404
    page = client.post("/invite/x/", {"name": "N", "password": PASSWORD})
    assert page.status_code == 404
    assert "not valid" in page.content.decode()


def test_a_used_link(client: Client, url: str) -> None:
    client.post(url, {"name": "Nour", "password": PASSWORD})
    page = Client().get(url)
    assert page.status_code == 410
    assert "already been used" in page.content.decode()


def test_a_withdrawn_link(client: Client, url: str, invitation: Invitation, admin: User) -> None:
    invitations.revoke(actor=admin, invitation=invitation)
    page = client.get(url)
    assert page.status_code == 410
    assert "withdrawn" in page.content.decode()


def test_a_replaced_link(client: Client, url: str, invitation: Invitation, admin: User) -> None:
    invitations.resend(actor=admin, invitation=invitation)
    page = client.get(url)
    assert page.status_code == 410
    assert "newer invitation" in page.content.decode()


def test_a_link_that_ended(client: Client, url: str, invitation: Invitation) -> None:
    Invitation.objects.filter(pk=invitation.pk).update(
        expires_at=timezone.now() - timedelta(seconds=1)
    )
    page = client.get(url)
    assert page.status_code == 410
    assert "expired" in page.content.decode()


def test_a_paused_cohort(client: Client, url: str, cohort: Cohort, admin: User) -> None:
    cohorts.change_state(actor=admin, cohort=cohort, state=CohortState.PAUSED)
    page = client.post(url, {"name": "Nour", "password": PASSWORD})
    assert page.status_code == 409
    assert "not open at the moment" in page.content.decode()


class TestWithAnAccount:
    @pytest.fixture
    def known(self, invitation: Invitation) -> User:
        return make_person("Nour", email="nour@example.org")

    def test_sign_in_first(self, known: User, client: Client, url: str) -> None:
        page = client.get(url)
        assert page.status_code == 200
        assert f"/accounts/login/?next={url}" in page.content.decode()
        refused = client.post(url, {"name": "Thief", "password": PASSWORD})
        assert refused.status_code == 409
        assert not known.memberships.exists()

    def test_then_accept(self, known: User, cohort: Cohort, client: Client, url: str) -> None:
        client.force_login(known)
        assert client.get(url).status_code == 200
        done = client.post(url)
        assert (done.status_code, done["Location"]) == (302, "/agreement/")
        assert list(known.memberships.values_list("cohort", flat=True)) == [cohort.pk]

    def test_as_somebody_else(self, artist_client: Client, artist: User, url: str) -> None:
        page = artist_client.get(url)
        assert page.status_code == 409
        assert "another address" in page.content.decode()
        assert artist_client.post(url).status_code == 409


def test_the_page_speaks_the_language_of_the_invitation(
    client: Client, cohort: Cohort, admin: User
) -> None:
    french = make_invitation(cohort, actor=admin, email="zoe@example.org", language="fr")
    url = f"/invite/{token_of(french)}/"
    assert 'lang="fr"' in client.get(url).content.decode()
    client.post(url, {"name": "Zoé", "password": PASSWORD})
    assert User.objects.get(email="zoe@example.org").language == "fr"

"""Signing in, and what of it rests in the database."""

from __future__ import annotations

import re

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.conf import settings
from django.core import mail
from django.test import Client, override_settings

from portal import sealing
from portal.models import AuditEntry, OutgoingMail, User
from portal.services import outbox
from tests.factories.portal import PASSWORD, browser_of


def test_nobody_signs_up_without_an_invitation(client: Client, db: None) -> None:
    assert client.get("/accounts/signup/").status_code == 200
    client.post(
        "/accounts/signup/",
        {"email": "new@example.org", "password1": PASSWORD, "password2": PASSWORD},
    )
    assert not User.objects.exists()


def test_with_a_password(client: Client, artist: User) -> None:
    done = client.post("/accounts/login/", {"login": artist.email, "password": PASSWORD})
    assert (done.status_code, done["Location"]) == (302, "/home/")
    assert AuditEntry.objects.filter(action="person.signed_in", actor=artist).count() == 1
    client.post("/accounts/logout/")
    assert AuditEntry.objects.filter(action="person.signed_out", actor=artist).count() == 1


def test_guessing_is_slowed_down(client: Client, artist: User) -> None:
    for _turn in range(6):
        page = client.post("/accounts/login/", {"login": artist.email, "password": "wrong one!"})
    assert "Too many failed login attempts" in page.content.decode()
    refused = client.post("/accounts/login/", {"login": artist.email, "password": PASSWORD})
    assert refused.status_code == 200


def test_with_a_mailed_code(client: Client, artist: User) -> None:
    OutgoingMail.objects.all().delete()
    client.post("/accounts/login/code/", {"email": artist.email})
    row = OutgoingMail.objects.get()
    outbox.deliver_waiting()
    (message,) = mail.outbox
    assert message.to == [f"Ada Okafor <{artist.email}>"]
    assert str(message.body).startswith("Hello Ada Okafor,")
    found = re.search(r"^[A-Z]{4}-[A-Z]{4}$", str(message.body), re.MULTILINE)
    assert found is not None
    assert found[0] not in row.sealed
    client.post("/accounts/login/code/confirm/", {"code": found[0]})
    assert client.get("/home/").status_code == 200


def test_an_unknown_address_is_mailed_nothing(client: Client, db: None) -> None:
    client.post("/accounts/login/code/", {"email": "nobody@example.org"})
    client.post("/accounts/password/reset/", {"email": "nobody@example.org"})
    assert not OutgoingMail.objects.exists()


class TestSecondFactor:
    def test_the_secret_of_an_authenticator_app_is_sealed(self, artist: User) -> None:
        secret = generate_totp_secret()
        TOTP.activate(artist, secret)
        stored = Authenticator.objects.get(type="totp", user=artist)
        assert secret not in str(stored.data)
        now = next(yield_hotp_counters_from_time())
        assert TOTP(stored).validate_code(format_hotp_value(hotp_value(secret, now)))

    def test_the_seed_of_recovery_codes_is_sealed(self, artist: User) -> None:
        codes = RecoveryCodes.activate(artist)
        stored = Authenticator.objects.get(type="recovery_codes")
        shown = codes.get_unused_codes()
        assert len(shown) == 10
        assert not any(code in str(stored.data) for code in shown)
        seed = sealing.unseal(stored.data["seed"], purpose="second factor")
        assert seed not in str(stored.data)
        assert RecoveryCodes(stored).get_unused_codes() == shown


class TestSealing:
    def test_opens_only_for_its_purpose(self) -> None:
        box = sealing.seal("open sesame", purpose="one")
        assert "sesame" not in box
        assert sealing.unseal(box, purpose="one") == "open sesame"
        with pytest.raises(sealing.Unreadable):
            sealing.unseal(box, purpose="another")

    def test_a_changed_text_does_not_open(self) -> None:
        box = sealing.seal("open sesame", purpose="one")
        with pytest.raises(sealing.Unreadable):
            sealing.unseal(box[:-4] + "AAA=", purpose="one")

    def test_an_old_key_still_opens_after_a_change(self) -> None:
        box = sealing.seal("open sesame", purpose="one")
        old = settings.SECRET_KEY
        with override_settings(SECRET_KEY="n" * 50):
            with pytest.raises(sealing.Unreadable):
                sealing.unseal(box, purpose="one")
            with override_settings(SECRET_KEY_FALLBACKS=[old]):
                assert sealing.unseal(box, purpose="one") == "open sesame"


class TestStaff:
    def test_nothing_opens_before_a_second_factor_and_all_after(
        self, client: Client, admin: User
    ) -> None:
        Authenticator.objects.filter(user=admin).delete()
        client.post("/accounts/login/", {"login": admin.email, "password": PASSWORD})
        sent = client.get("/programme/log/?search=key")
        there = "/settings/second-factor/?next=%2Fprogramme%2Flog%2F%3Fsearch%3Dkey"
        assert (sent.status_code, sent["Location"]) == (302, there)
        page = client.get(there).content.decode()
        assert "one stolen password must not be enough" in page
        live = client.get("/programme/", headers={"HX-Request": "true"})
        assert (live.status_code, live["HX-Redirect"]) == (403, "/settings/second-factor/")
        TOTP.activate(admin, generate_totp_secret())
        onward = client.get(there)
        assert (onward.status_code, onward["Location"]) == (302, "/programme/log/?search=key")
        assert client.get(onward["Location"]).status_code == 200

    def test_recovery_codes_alone_are_no_second_factor(
        self, client: Client, reviewer: User
    ) -> None:
        Authenticator.objects.filter(user=reviewer).delete()
        RecoveryCodes.activate(reviewer)
        client.force_login(reviewer)
        assert client.get("/review/")["Location"] == "/settings/second-factor/?next=%2Freview%2F"

    def test_a_password_alone_does_not_sign_in_whoever_has_one(
        self, client: Client, admin: User
    ) -> None:
        sent = client.post("/accounts/login/", {"login": admin.email, "password": PASSWORD})
        assert sent["Location"].startswith("/accounts/2fa/authenticate/")
        assert client.get("/programme/")["Location"].startswith("/accounts/login/")

    def test_the_page_leads_nowhere_else(self, admin_client: Client) -> None:
        away = admin_client.get("/settings/second-factor/?next=https://evil.example/")
        assert away["Location"] == "/home/"

    @override_settings(STAFF_SECOND_FACTOR=False)
    def test_a_programme_may_do_without(self, client: Client, admin: User) -> None:
        Authenticator.objects.filter(user=admin).delete()
        client.force_login(admin)
        assert client.get("/programme/").status_code == 200


class TestRecentProof:
    """What weighs asks who has been signed in for a while to prove again that it is them."""

    @pytest.fixture
    def later(self, admin: User) -> Client:
        client = browser_of(admin)
        session = client.session
        [proof] = session[AUTHENTICATION_METHODS_SESSION_KEY]
        session[AUTHENTICATION_METHODS_SESSION_KEY] = [{**proof, "at": proof["at"] - 901}]
        session.save()
        return client

    def test_a_role_is_given_after_a_proof_with_what_was_typed(
        self, later: Client, artist: User
    ) -> None:
        typed = {"role": "reviewer", "cohort": "", "note": "Welcome"}
        asked = later.post(f"/programme/people/{artist.pk}/roles/", typed)
        assert asked["Location"].startswith("/accounts/reauthenticate/")
        assert not artist.roles.exists()
        done = later.post(asked["Location"], {"password": PASSWORD})
        assert done["Location"] == f"/programme/people/{artist.pk}/"
        assert list(artist.roles.values_list("role", flat=True)) == ["reviewer"]

    def test_new_staff_and_a_taken_role_ask_too(
        self, later: Client, reviewer: User, second_admin: User
    ) -> None:
        assert later.get("/programme/people/new/").status_code == 200
        typed = {"email": "new@example.org", "name": "New", "language": "en", "role": "admin"}
        asked = later.post("/programme/people/new/", typed)
        assert asked["Location"].startswith("/accounts/reauthenticate/")
        grant = reviewer.roles.get()
        asked = later.post(f"/programme/roles/{grant.pk}/revoke/")
        assert asked["Location"].startswith("/accounts/reauthenticate/")
        assert not User.objects.filter(email="new@example.org").exists()
        assert reviewer.roles.exists()

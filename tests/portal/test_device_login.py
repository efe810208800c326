"""Login by code: a program asks, an artist answers, the key is fetched once."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_address
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.test import Client
from django.utils import timezone

from portal import keys
from portal.device_errors import (
    AuthorizationPending,
    DeviceCodeExpired,
    DeviceCodeInvalid,
    DeviceLoginDenied,
    DeviceLoginUnknown,
    SlowDown,
)
from portal.errors import CohortNotOpen, NameTaken, NotAllowed
from portal.models import AccessKey, AuditEntry, Cohort, DeviceLogin, Notification, User
from portal.services import cohorts, device_logins
from portal.services.device_logins import Started
from portal.states import CohortState
from portal.tokens import hash_token
from tests.factories.portal import PASSWORD, make_cohort, make_key

HERE = ip_address("203.0.113.7")


@pytest.fixture
def asked(db: None) -> Started:
    return device_logins.start(client="greenroom on laptop", address=HERE)


def confirm(asked: Started, actor: User, cohort: Cohort, name: str = "Laptop") -> DeviceLogin:
    return device_logins.confirm(
        actor=actor, login=asked.row, cohort=cohort, key_name=name, days=30
    )


class TestService:
    def test_the_key_is_made_when_it_is_fetched(
        self, asked: Started, artist: User, cohort: Cohort
    ) -> None:
        with pytest.raises(AuthorizationPending):
            device_logins.fetch(device_code=asked.device_code)
        confirm(asked, artist, cohort)
        assert not AccessKey.objects.exists()
        made = device_logins.fetch(device_code=asked.device_code)
        row = AccessKey.objects.get()
        assert row.digest == hash_token(made.clear)
        assert (row.owner, row.cohort, row.name) == (artist, cohort, "Laptop")
        assert row.scopes == ["clips:read", "clips:write"]
        assert row.expires_at - row.created_at == timedelta(days=30)
        assert list(
            AuditEntry.objects.filter(action__regex="^(device|key)")
            .values_list("action", flat=True)
            .order_by("id")
        ) == ["device.confirmed", "key.created", "device.used"]
        assert Notification.objects.get(user=artist).kind == "key.created"

    def test_neither_code_is_kept(self, asked: Started) -> None:
        kept = " ".join(str(value) for value in DeviceLogin.objects.values_list()[0])
        assert asked.device_code not in kept
        assert asked.user_code not in kept
        assert asked.user_code.replace("-", "") not in kept
        assert hash_token(asked.user_code) not in kept

    def test_a_key_is_given_out_once(self, asked: Started, artist: User, cohort: Cohort) -> None:
        confirm(asked, artist, cohort)
        device_logins.fetch(device_code=asked.device_code)
        with pytest.raises(DeviceCodeInvalid):
            device_logins.fetch(device_code=asked.device_code)
        with pytest.raises(ProgrammingError), transaction.atomic():
            DeviceLogin.objects.update(state="confirmed")
        assert AccessKey.objects.count() == 1

    def test_who_asks_too_often_waits_longer(self, asked: Started) -> None:
        began = asked.row.created_at
        answers = []
        for second in (1, 3, 8, 18):
            with pytest.raises((AuthorizationPending, SlowDown)) as refused:
                device_logins.fetch(
                    device_code=asked.device_code, now=began + timedelta(seconds=second)
                )
            answers.append(refused.value.code)
        assert answers == ["authorization_pending", "slow_down", "slow_down", "slow_down"]
        assert DeviceLogin.objects.get().interval == 20

    def test_after_ten_minutes_it_is_over(
        self, asked: Started, artist: User, cohort: Cohort
    ) -> None:
        later = asked.row.expires_at
        assert later - asked.row.created_at == timedelta(minutes=10)
        with pytest.raises(DeviceCodeExpired):
            device_logins.fetch(device_code=asked.device_code, now=later)
        with pytest.raises(DeviceLoginUnknown):
            device_logins.waiting(user_code=asked.user_code, now=later)
        with pytest.raises(DeviceLoginUnknown):
            device_logins.confirm(
                actor=artist, login=asked.row, cohort=cohort, key_name="x", days=7, now=later
            )
        confirm(asked, artist, cohort)
        with pytest.raises(DeviceCodeExpired):
            device_logins.fetch(device_code=asked.device_code, now=later)

    def test_refused(self, asked: Started, artist: User, cohort: Cohort) -> None:
        device_logins.refuse(actor=artist, login=asked.row)
        with pytest.raises(DeviceLoginDenied):
            device_logins.fetch(device_code=asked.device_code)
        with pytest.raises(DeviceLoginUnknown):
            confirm(asked, artist, cohort)
        assert AuditEntry.objects.get(action="device.refused").actor == artist

    def test_only_one_person_answers(
        self, asked: Started, artist: User, other_artist: User, cohort: Cohort
    ) -> None:
        confirm(asked, artist, cohort)
        with pytest.raises(DeviceLoginUnknown):
            confirm(asked, other_artist, cohort)
        with pytest.raises(DeviceLoginUnknown):
            device_logins.refuse(actor=other_artist, login=asked.row)
        assert device_logins.fetch(device_code=asked.device_code).row.owner == artist

    def test_the_rules_of_keys_hold_at_both_ends(
        self, asked: Started, artist: User, admin: User, cohort: Cohort
    ) -> None:
        with pytest.raises(NotAllowed):
            confirm(asked, artist, make_cohort())
        make_key(artist, cohort, name="laptop")
        with pytest.raises(NameTaken):
            confirm(asked, artist, cohort)
        confirm(asked, artist, cohort, "Other")
        cohorts.change_state(actor=admin, cohort=cohort, state=CohortState.PAUSED)
        with pytest.raises(CohortNotOpen):
            device_logins.fetch(device_code=asked.device_code)
        cohorts.change_state(actor=admin, cohort=cohort, state=CohortState.OPEN)
        artist.is_active = False
        artist.save(update_fields=["is_active"])
        with pytest.raises(DeviceLoginDenied):
            device_logins.fetch(device_code=asked.device_code)

    def test_however_it_is_typed(self, asked: Started) -> None:
        letters = asked.user_code.replace("-", "")
        for typed in (letters.lower(), f" {letters[:3]} {letters[3:]}\n", asked.user_code):
            assert device_logins.waiting(user_code=typed) == asked.row
        for wrong in ("", letters[:7], letters + "B", "💥"):
            with pytest.raises(DeviceLoginUnknown):
                device_logins.waiting(user_code=wrong)

    def test_a_programs_name_is_made_fit_to_be_shown(self, db: None) -> None:
        names = ["\x00\n", "x" * 200, f"my {keys.make()}", "‮evil"]
        shown = [device_logins.start(client=name, address=None).row.client for name in names]
        assert shown == ["?", "x" * 60, "my grk_…", "evil"]

    def test_old_ones_are_forgotten(self, asked: Started) -> None:
        device_logins.start(client="old", address=None, now=timezone.now() - timedelta(hours=25))
        assert device_logins.forget_old() == 1
        assert DeviceLogin.objects.get() == asked.row

    def test_the_database_refuses_an_answer_of_nobody(self, asked: Started) -> None:
        for change in ({"state": "confirmed"}, {"state": "refused"}, {"user_digest": "BCDF"}):
            with pytest.raises(IntegrityError), transaction.atomic():
                DeviceLogin.objects.update(**change)


def ask(path: str, **said: Any) -> Any:
    return Client().post(f"/v1/device/{path}", said, "application/json")


class TestApi:
    def test_from_codes_to_key(self, artist: User, cohort: Cohort) -> None:
        given = ask("code", client="greenroom on laptop").json()
        assert given["verification_uri"].endswith("/device/")
        assert given["verification_uri_complete"].endswith(f"/device/?code={given['user_code']}")
        assert (given["expires_in"], given["interval"]) == (600, 5)
        pending = ask("token", device_code=given["device_code"])
        assert pending.status_code == 400
        assert pending.json()["error"]["code"] == "authorization_pending"
        assert "no-store" in pending["Cache-Control"]
        hasty = ask("token", device_code=given["device_code"])
        assert hasty.json()["error"]["code"] == "slow_down"
        login = device_logins.waiting(user_code=given["user_code"])
        assert (login.client, login.address) == ("greenroom on laptop", "127.0.0.1")
        device_logins.confirm(actor=artist, login=login, cohort=cohort, key_name="Laptop", days=7)
        got = ask("token", device_code=given["device_code"]).json()
        row = AccessKey.objects.get(digest=hash_token(got.pop("access_key")))
        assert got == {
            "token_type": "Bearer",
            "scope": "clips:read clips:write",
            "name": "Laptop",
            "cohort": cohort.name,
            "owner": str(artist),
            "expires_at": int(row.expires_at.timestamp()),
        }
        again = ask("token", device_code=given["device_code"])
        assert (again.status_code, again.json()["error"]["code"]) == (400, "invalid_grant")

    def test_wrong_and_missing(self, db: None) -> None:
        assert ask("token", device_code="made-up").json()["error"]["code"] == "invalid_grant"
        for path in ("token", "code"):
            missing = ask(path)
            assert (missing.status_code, missing.json()["error"]["code"]) == (400, "invalid_value")

    def test_one_network_asks_for_ten_codes_a_minute(
        self, db: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("portal.limits.time.time", lambda: 1_000_000_050.0)
        answers = [ask("code", client="x") for _number in range(11)]
        assert [answer.status_code for answer in answers] == [200] * 10 + [429]
        assert answers[-1]["retry-after"] == "30"
        assert DeviceLogin.objects.count() == 10


@pytest.fixture
def proved(artist: User) -> Client:
    """The artist, who typed their password a moment ago."""
    client = Client()
    client.post("/accounts/login/", {"login": artist.email, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


class TestPage:
    def test_what_asks_is_shown_and_let_in(
        self, proved: Client, asked: Started, artist: User, cohort: Cohort
    ) -> None:
        assert "Type the code" in proved.get("/device/").content.decode()
        shown = proved.get("/device/", {"code": asked.user_code}).content.decode()
        for said in ("greenroom on laptop", "203.0.113.7", asked.user_code):
            assert said in shown
        terms = {"code": asked.user_code, "cohort": cohort.pk, "name": "Laptop", "days": "30"}
        done = proved.post("/device/", terms, follow=True).content.decode()
        assert "is let in" in done
        assert device_logins.fetch(device_code=asked.device_code).row.owner == artist
        assert proved.post("/device/", terms).status_code == 404

    def test_it_takes_a_proof_that_it_is_you(
        self, artist_client: Client, asked: Started, cohort: Cohort
    ) -> None:
        terms = {"code": asked.user_code, "cohort": cohort.pk, "name": "Laptop", "days": "30"}
        answer = artist_client.post("/device/", terms)
        assert answer["Location"].startswith("/accounts/reauthenticate/")
        done = artist_client.post(answer["Location"], {"password": PASSWORD}, follow=True)
        assert "is let in" in done.content.decode()

    def test_sent_away(self, artist_client: Client, asked: Started) -> None:
        artist_client.post("/device/refuse/", {"code": asked.user_code})
        with pytest.raises(DeviceLoginDenied):
            device_logins.fetch(device_code=asked.device_code)
        again = artist_client.post("/device/refuse/", {"code": asked.user_code}, follow=True)
        assert "This code is not known" in again.content.decode()

    def test_a_wrong_code_stays_in_the_form(self, artist_client: Client) -> None:
        answer = artist_client.get("/device/", {"code": "BCDF-1234"})
        assert answer.status_code == 404
        assert 'value="BCDF-1234"' in answer.content.decode()

    def test_a_refusal_keeps_what_was_typed(
        self, proved: Client, asked: Started, artist: User, cohort: Cohort
    ) -> None:
        make_key(artist, cohort, name="Laptop")
        terms = {"code": asked.user_code, "cohort": cohort.pk, "name": "Laptop", "days": "7"}
        answer = proved.post("/device/", terms)
        assert answer.status_code == 409
        assert 'value="Laptop"' in answer.content.decode()

    def test_codes_are_not_tried_out(
        self, artist_client: Client, asked: Started, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("portal.limits.time.time", lambda: 1_000_000_050.0)
        for _number in range(30):
            artist_client.post("/device/refuse/", {"code": "BCDF-GHJK"})
        answer = artist_client.get("/device/", {"code": asked.user_code})
        assert answer.status_code == 429

    def test_a_form_of_another_site_is_refused(self, artist: User, asked: Started) -> None:
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(artist)
        for path in ("/device/", "/device/refuse/"):
            assert strict.post(path, {"code": asked.user_code}).status_code == 403
        assert isinstance(device_logins.waiting(user_code=asked.user_code), DeviceLogin)

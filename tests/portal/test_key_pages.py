"""Pages of keys: the artist's own, and the programme's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal import keys
from portal.models import AccessKey, Cohort, User
from portal.services import access_keys, canaries, cohorts, key_use
from portal.services.key_rows import NewKey
from portal.states import CohortState, Feature, Role
from portal.tokens import hash_token
from tests.factories.portal import PASSWORD, join, make_cohort, make_key, make_person

TERMS = {"name": "Night script", "scopes": ["clips:read", "feedback:write"], "days": "30"}


@pytest.fixture
def made(artist: User, cohort: Cohort) -> NewKey:
    return make_key(artist, cohort)


@pytest.fixture
def proved(artist: User) -> Client:
    """The artist, who typed their password a moment ago."""
    client = Client()
    client.post("/accounts/login/", {"login": artist.email, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def shown_key(page: Any) -> str:
    (found,) = set(keys.find_in(page.content.decode()))
    return found


class TestOwn:
    def test_made_and_shown_once(self, proved: Client, artist: User, cohort: Cohort) -> None:
        assert "No key yet" in proved.get("/keys/").content.decode()
        page = proved.post(
            "/keys/new/",
            {
                **TERMS,
                "cohort": cohort.pk,
                "ip_ranges": "203.0.113.7\n\n2001:db8::/32\n",
                "gpu_minutes": "10",
                "rate_per_minute": "60",
            },
        )
        clear = shown_key(page)
        assert "no-store" in page["Cache-Control"]
        row = AccessKey.objects.get(digest=hash_token(clear))
        assert (row.owner, row.name, row.scopes) == (artist, "Night script", TERMS["scopes"])
        assert [str(network) for network in row.ip_ranges] == ["203.0.113.7/32", "2001:db8::/32"]
        assert (row.gpu_seconds, row.rate_per_minute) == (600, 60)
        assert row.expires_at - row.created_at == timedelta(days=30)
        listed = proved.get("/keys/").content.decode()
        assert row.hint in listed
        assert keys.find_in(listed) == []

    def test_a_key_asks_for_the_password_again_and_keeps_what_was_typed(
        self, artist_client: Client, cohort: Cohort
    ) -> None:
        asked = artist_client.post("/keys/new/", {**TERMS, "cohort": cohort.pk})
        assert asked["Location"] == "/accounts/reauthenticate/?next=%2Fkeys%2Fnew%2F"
        assert not AccessKey.objects.exists()
        page = artist_client.post(asked["Location"], {"password": PASSWORD, "next": "/keys/new/"})
        assert AccessKey.objects.get().digest == hash_token(shown_key(page))
        assert "no-store" in page["Cache-Control"]

    def test_what_is_refused_stays_in_the_form(
        self, proved: Client, made: NewKey, cohort: Cohort
    ) -> None:
        cases: list[tuple[dict[str, Any], str]] = [
            ({"ip_ranges": "10.0.0.1/8"}, "“10.0.0.1/8” is no address and no network."),
            ({"ip_ranges": "0.0.0.0/0"}, "“0.0.0.0/0” is everywhere."),
            ({"scopes": ["everything"]}, "everything is not one of the available choices"),
            ({"days": "3650"}, "3650 is not one of the available choices"),
            ({"gpu_minutes": "0"}, "greater than or equal to 1"),
            ({"name": "LAPTOP"}, "There is already one with this name."),
            ({"cohort": make_cohort().pk}, "not one of the available choices"),
        ]
        for typed, message in cases:
            page = proved.post("/keys/new/", {**TERMS, "cohort": cohort.pk, **typed})
            assert page.status_code == (409 if "name" in typed else 400)
            text = page.content.decode()
            assert message in text
            assert f'value="{typed.get("name", "Night script")}"' in text
        assert AccessKey.objects.count() == 1

    def test_a_cohort_that_was_paused_meanwhile(
        self, proved: Client, admin: User, cohort: Cohort
    ) -> None:
        cohorts.change_state(actor=admin, cohort=cohort, state=CohortState.PAUSED)
        page = proved.post("/keys/new/", {**TERMS, "cohort": cohort.pk})
        assert page.status_code == 409
        assert "This cohort is not open at the moment." in page.content.decode()
        assert 'value="Night script"' in page.content.decode()
        assert proved.get("/keys/new/").status_code == 404
        assert "None of yours is one now." in proved.get("/keys/").content.decode()

    def test_which_cohort_is_asked_only_where_there_are_two(
        self, artist_client: Client, artist: User, cohort: Cohort
    ) -> None:
        one = artist_client.get("/keys/new/").content.decode()
        assert f'<input type="hidden" name="cohort" value="{cohort.pk}"' in one
        join(artist, make_cohort("Autumn residency"))
        assert "Autumn residency" in artist_client.get("/keys/new/").content.decode()

    def test_replaced(self, proved: Client, made: NewKey) -> None:
        assert "Laptop" in proved.get(f"/keys/{made.row.pk}/rotate/").content.decode()
        page = proved.post(f"/keys/{made.row.pk}/rotate/", {"overlap": "24"})
        clear = shown_key(page)
        assert "The old key ends" in page.content.decode()
        assert AccessKey.objects.get(digest=hash_token(clear)).replaces == made.row
        again = proved.post(f"/keys/{made.row.pk}/rotate/", {"overlap": "24"})
        assert again.status_code == 409
        assert "Being replaced" in proved.get("/keys/").content.decode()

    def test_revoked(self, artist_client: Client, made: NewKey) -> None:
        here = f"/keys/{made.row.pk}/revoke/"
        done = artist_client.post(here, follow=True)
        assert "The key “Laptop” is revoked." in done.content.decode()
        assert "No longer working" in done.content.decode()
        again = artist_client.post(here, follow=True)
        assert "it has changed since this page was opened" in again.content.decode()

    def test_the_last_use_is_told(self, artist_client: Client, made: NewKey) -> None:
        key_use.authenticate(made.clear, address=None, client="openai-python/3.54")
        page = artist_client.get("/keys/").content.decode()
        assert "openai-python/3.54" in page

    def test_a_frozen_key_says_why(self, artist_client: Client, admin: User, made: NewKey) -> None:
        access_keys.freeze_key(actor=admin, key=made.row, reason="Seen in two countries")
        assert "Seen in two countries" in artist_client.get("/keys/").content.decode()

    def test_in_french(self, other_artist_client: Client) -> None:
        page = other_artist_client.get("/keys/").content.decode()
        assert "Aucune clé pour l’instant" in page

    def test_settings_lead_there(self, artist_client: Client, admin_client: Client) -> None:
        assert 'href="/keys/"' in artist_client.get("/settings/").content.decode()
        assert 'href="/keys/"' not in admin_client.get("/settings/").content.decode()

    def test_the_number_of_queries_does_not_grow(
        self, artist: User, artist_client: Client, cohort: Cohort, made: NewKey
    ) -> None:
        artist_client.get("/keys/")
        with CaptureQueriesContext(connection) as one:
            artist_client.get("/keys/")
        for number in range(3):
            make_key(artist, cohort, name=f"Key {number}")
        with CaptureQueriesContext(connection) as four:
            artist_client.get("/keys/")
        assert len(four) == len(one)


class TestProgramme:
    def test_whose_and_where(self, admin_client: Client, artist: User, made: NewKey) -> None:
        page = admin_client.get("/programme/keys/").content.decode()
        assert artist.name in page
        assert made.row.hint in page
        assert "No key yet" in admin_client.get("/programme/keys/?cohort=none").content.decode()

    def test_revoked_with_a_reason(self, admin_client: Client, made: NewKey) -> None:
        here = f"/programme/keys/{made.row.pk}/revoke/"
        refused = admin_client.post(here, {"reason": " "}, follow=True)
        assert "Please give a reason" in refused.content.decode()
        pasted = admin_client.post(here, {"reason": f"Found {made.clear}"}, follow=True)
        assert "This holds an access key." in pasted.content.decode()
        assert AccessKey.objects.get().standing() == "active"
        admin_client.post(here, {"reason": "It lay about"})
        assert AccessKey.objects.get().reason == "It lay about"

    def test_released(self, admin: User, admin_client: Client, made: NewKey) -> None:
        access_keys.freeze_key(actor=None, key=made.row, reason="Used from nine networks")
        assert "Used from nine networks" in admin_client.get("/programme/keys/").content.decode()
        admin_client.post(f"/programme/keys/{made.row.pk}/thaw/")
        assert AccessKey.objects.get().standing() == "active"

    def test_an_admin_of_another_cohort_finds_nothing(self, made: NewKey, signed_in: Any) -> None:
        client = signed_in(make_person(role=Role.ADMIN, cohort=make_cohort()))
        assert made.row.hint not in client.get("/programme/keys/").content.decode()
        for verb in ("revoke", "thaw"):
            answer = client.post(f"/programme/keys/{made.row.pk}/{verb}/", {"reason": "x"})
            assert answer.status_code == 404

    def test_a_canary_is_set_shown_once_and_seen_to_sing(
        self, admin: User, admin_client: Client, cohort: Cohort
    ) -> None:
        asked = admin_client.post(f"/programme/cohorts/{cohort.slug}/canary/")
        assert asked["Location"].startswith("/accounts/reauthenticate/")
        page = admin_client.post(
            asked["Location"],
            {"password": PASSWORD, "next": f"/programme/cohorts/{cohort.slug}/canary/"},
        )
        clear = shown_key(page)
        assert "Silent" in admin_client.get("/programme/keys/").content.decode()
        row = AccessKey.objects.get(digest=hash_token(clear))
        canaries.sound_alarm(key=row, address=None, client="curl", now=timezone.now())
        assert "It has sung" in admin_client.get("/programme/keys/").content.decode()


def test_no_form_takes_a_key_for_a_text(artist_client: Client) -> None:
    key = keys.make()
    page = artist_client.post("/settings/", {"name": f"Ada {key}", "language": "en"})
    assert page.status_code == 400
    assert "This holds an access key." in page.content.decode()
    page = artist_client.post("/settings/", {"name": f"Ada {key[:-1]}", "language": "en"})
    assert page.status_code == 302


def test_where_keys_are_switched_off_none_is_made_and_those_there_are_said_to_rest(
    proved: Client, made: NewKey, cohort: Cohort
) -> None:
    cohort.features_off = [Feature.ACCESS_KEYS]
    cohort.save(update_fields=["features_off"])
    listed = proved.get("/keys/").text
    assert "Rests: access keys are switched off in Spring residency." in listed
    assert "New key" not in listed
    assert proved.get("/keys/new/").status_code == 404
    # From a page that was open before: refused, and what was typed stays.
    refused = proved.post("/keys/new/", {**TERMS, "cohort": cohort.pk})
    assert refused.status_code == 403
    assert "“Access keys” is switched off in Spring residency at present." in refused.text
    assert "Night script" in refused.text
    assert AccessKey.objects.count() == 1
    script = proved.get("/studio/script/").text
    assert "No script works in Spring residency at present." in script

"""Pages of webhooks: the artist's own, a cohort's, and one endpoint's log."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.models import Cohort, User, WebhookDelivery, WebhookEndpoint
from portal.services import cohorts, webhook_events, webhooks
from portal.states import CohortState, WebhookEvent
from portal.tasks import send_webhooks
from tests.factories.portal import PASSWORD, browser_of, join, make_cohort, make_webhook
from tests.listening import Listener

TERMS = {
    "name": "Night server",
    "url": "http://127.0.0.1:9/hooks",
    "events": ["video.completed", "video.approved"],
}


def proved(person: User) -> Client:
    """Somebody who typed their password a moment ago."""
    client = browser_of(person)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


@pytest.fixture
def endpoint(artist: User, cohort: Cohort, listener: Listener) -> WebhookEndpoint:
    return make_webhook(artist, cohort, url=listener.url).row


def shown_secret(page: Any) -> str:
    (found,) = set(re.findall(r"whsec_[A-Za-z0-9+/=]+", page.content.decode()))
    return str(found)


def owe(endpoint: WebhookEndpoint) -> WebhookDelivery:
    assert endpoint.owner_id is not None
    webhook_events.record(
        type=WebhookEvent.COMPLETED,
        cohort_id=endpoint.cohort_id,
        owner_id=endpoint.owner_id,
        subject="video_0123",
    )
    return endpoint.deliveries.latest("pk")


class TestOwn:
    def test_made_and_shown_once(self, artist: User, cohort: Cohort) -> None:
        client = proved(artist)
        assert "No webhook yet" in client.get("/webhooks/").content.decode()
        page = client.post("/webhooks/new/", {**TERMS, "cohort": cohort.pk})
        secret = shown_secret(page)
        assert "no-store" in page["Cache-Control"]
        row = WebhookEndpoint.objects.get()
        assert (row.owner, row.url, row.events) == (
            artist,
            TERMS["url"],
            ["video.completed", "video.approved"],
        )
        assert webhooks.secrets_of(row, timezone.now()) == [secret]
        for path in ("/webhooks/", f"/webhooks/{row.pk}/"):
            text = client.get(path).content.decode()
            assert "Night server" in text
            assert "whsec_" not in text

    def test_the_password_is_asked_again(self, artist_client: Client, cohort: Cohort) -> None:
        asked = artist_client.post("/webhooks/new/", {**TERMS, "cohort": cohort.pk})
        assert asked["Location"] == "/accounts/reauthenticate/?next=%2Fwebhooks%2Fnew%2F"
        assert not WebhookEndpoint.objects.exists()

    def test_what_is_refused_stays_in_the_form(
        self, artist: User, cohort: Cohort, endpoint: WebhookEndpoint
    ) -> None:
        client = proved(artist)
        cases: list[tuple[dict[str, Any], int, str]] = [
            ({"url": "https://10.0.0.1/"}, 400, "lies inside a private network"),
            ({"url": "ftp://example.org/"}, 400, "must begin with https://"),
            ({"url": "https://ada:secret@example.org/"}, 400, "Leave name and password out"),
            ({"events": ["video.seen"]}, 400, "video.seen is not one of the available choices"),
            ({"name": "STUDIO SERVER"}, 409, "There is already one with this name."),
            ({"cohort": make_cohort().pk}, 400, "not one of the available choices"),
        ]
        for typed, status, message in cases:
            page = client.post("/webhooks/new/", {**TERMS, "cohort": cohort.pk, **typed})
            assert page.status_code == status
            text = page.content.decode()
            assert message in text
            assert f'value="{typed.get("name", "Night server")}"' in text
        assert WebhookEndpoint.objects.get() == endpoint

    def test_a_cohort_that_was_paused_meanwhile(
        self, artist: User, admin: User, cohort: Cohort
    ) -> None:
        client = proved(artist)
        cohorts.change_state(actor=admin, cohort=cohort, state=CohortState.PAUSED)
        page = client.post("/webhooks/new/", {**TERMS, "cohort": cohort.pk})
        assert page.status_code == 409
        assert client.get("/webhooks/new/").status_code == 404
        assert "None of yours is open now." in client.get("/webhooks/").content.decode()

    def test_which_cohort_is_asked_only_where_there_are_two(
        self, artist_client: Client, artist: User
    ) -> None:
        asked = '<select name="cohort"'
        assert asked not in artist_client.get("/webhooks/new/").content.decode()
        join(artist, make_cohort())
        assert asked in artist_client.get("/webhooks/new/").content.decode()

    def test_linked_from_where_keys_are(self, artist_client: Client) -> None:
        for path in ("/keys/", "/settings/"):
            assert 'href="/webhooks/"' in artist_client.get(path).content.decode()


class TestOne:
    def test_its_log_says_what_came_back(
        self, artist_client: Client, listener: Listener, endpoint: WebhookEndpoint
    ) -> None:
        here = f"/webhooks/{endpoint.pk}/"
        assert "Nothing was sent yet" in artist_client.get(here).content.decode()
        listener.will_answer(500, body=b"<b>oh no</b>")
        owed = owe(endpoint)
        send_webhooks()
        text = artist_client.get(here).content.decode()
        for said in ("video_0123", "500", "&lt;b&gt;oh no&lt;/b&gt;", "next try", "accepted there"):
            assert said in text
        assert "Send again" not in text
        WebhookDelivery.objects.update(next_try_at=timezone.now())
        send_webhooks()
        assert "Send again" in artist_client.get(here).content.decode()
        again = artist_client.post(f"/webhooks/deliveries/{owed.pk}/again/", follow=True)
        assert "It is sent once more." in again.content.decode()
        refused = artist_client.post(f"/webhooks/deliveries/{owed.pk}/again/", follow=True)
        assert "It is already waiting to be sent." in refused.content.decode()
        send_webhooks()
        assert len({heard.headers["webhook-id"] for heard in listener.heard}) == 1
        assert len(listener.heard) == 3

    def test_why_nobody_answered(self, artist: User, cohort: Cohort, artist_client: Client) -> None:
        dead = make_webhook(artist, cohort, url="http://127.0.0.1:9/").row
        owe(dead)
        send_webhooks()
        text = artist_client.get(f"/webhooks/{dead.pk}/").content.decode()
        assert "Nobody answered there, or the line broke." in text

    def test_paused_tested_resumed_removed(
        self, artist_client: Client, listener: Listener, endpoint: WebhookEndpoint
    ) -> None:
        here = f"/webhooks/{endpoint.pk}/"
        paused = artist_client.post(f"{here}state/pause/", follow=True).content.decode()
        assert "While it is paused" in paused
        tested = artist_client.post(f"{here}test/", follow=True).content.decode()
        assert "A test is on its way." in tested
        twice = artist_client.post(f"{here}state/pause/", follow=True).content.decode()
        assert "That is no longer possible" in twice
        send_webhooks()
        assert len(listener.heard) == 1
        artist_client.post(f"{here}state/resume/")
        endpoint.refresh_from_db()
        assert endpoint.state == "active"
        removed = artist_client.post(f"{here}remove/", follow=True)
        assert "The webhook “Studio server” is removed." in removed.content.decode()
        for path in (here, f"{here}edit/", f"{here}secret/"):
            assert artist_client.get(path).status_code == 404

    def test_changed_and_given_a_new_secret(self, artist: User, endpoint: WebhookEndpoint) -> None:
        client = proved(artist)
        here = f"/webhooks/{endpoint.pk}/"
        client.post(f"{here}edit/", {**TERMS, "url": "http://127.0.0.1:10/"})
        endpoint.refresh_from_db()
        assert (endpoint.name, endpoint.url) == ("Night server", "http://127.0.0.1:10/")
        page = client.post(f"{here}secret/", {"overlap": "24"})
        secret = shown_secret(page)
        assert "no-store" in page["Cache-Control"]
        endpoint.refresh_from_db()
        assert webhooks.secrets_of(endpoint, timezone.now())[0] == secret
        assert "The old secret ends" in client.get(here).content.decode()

    def test_a_long_log_is_a_few_queries(
        self, artist_client: Client, endpoint: WebhookEndpoint
    ) -> None:
        artist_client.get("/webhooks/")
        counts = []
        for _turn in range(2):
            owe(endpoint)
            owe(endpoint)
            with CaptureQueriesContext(connection) as queries:
                artist_client.get(f"/webhooks/{endpoint.pk}/")
            counts.append(len(queries))
        assert counts[0] == counts[1]


class TestOfCohort:
    def test_made_by_an_admin(self, admin: User, cohort: Cohort) -> None:
        client = proved(admin)
        here = f"/programme/cohorts/{cohort.slug}/webhooks/"
        assert here in client.get(f"/programme/cohorts/{cohort.slug}/").content.decode()
        assert "No webhook yet" in client.get(here).content.decode()
        shown_secret(client.post(f"{here}new/", TERMS))
        row = WebhookEndpoint.objects.get()
        assert (row.owner, row.cohort) == (None, cohort)
        assert "Night server" in client.get(here).content.decode()
        removed = client.post(f"/webhooks/{row.pk}/remove/")
        assert removed["Location"] == here

    def test_a_closed_cohort_gets_no_new_one(
        self, admin: User, admin_client: Client, cohort: Cohort
    ) -> None:
        cohorts.change_state(actor=admin, cohort=cohort, state=CohortState.CLOSED)
        text = admin_client.get(f"/programme/cohorts/{cohort.slug}/webhooks/").content.decode()
        assert "New webhook" not in text

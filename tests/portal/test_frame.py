"""What surrounds every page: request ids, refusals, navigation, health, the demo's absence."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path, reverse

from portal.config.urls import urlpatterns as known
from portal.errors import CohortFull
from portal.models import User
from portal.services.notify import notify
from tests.factories.portal import make_person


@login_not_required
def full(request: HttpRequest) -> HttpResponse:
    raise CohortFull


urlpatterns = [*known, path("full/", full)]


class TestRequestId:
    def test_a_sane_one_is_kept(self, client: Client, db: None) -> None:
        answer = client.get("/healthz", headers={"X-Request-ID": "abc-123.DEF_9"})
        assert answer["X-Request-ID"] == "abc-123.DEF_9"

    @pytest.mark.parametrize("given", ["", "short", "x" * 37, "with space", "line\u2028break"])
    def test_any_other_is_replaced(self, client: Client, db: None, given: str) -> None:
        answer = client.get("/healthz", headers={"X-Request-ID": given})
        assert re.fullmatch(r"[0-9a-f-]{36}", answer["X-Request-ID"])


@pytest.mark.urls(__name__)
class TestRefusal:
    def test_as_a_page(self, client: Client, db: None) -> None:
        page = client.get("/full/")
        assert page.status_code == 409
        assert "Every seat in this cohort is taken." in page.content.decode()

    def test_as_a_toast(self, client: Client, db: None) -> None:
        answer = client.get("/full/", headers={"HX-Request": "true"})
        assert (answer.status_code, answer.content, answer["HX-Reswap"]) == (409, b"", "none")
        assert json.loads(answer["HX-Trigger"]) == {
            "toast": {"text": "Every seat in this cohort is taken.", "tone": "error"}
        }

    def test_as_a_page_for_who_is_signed_in(self, artist_client: Client) -> None:
        assert artist_client.get("/full/").status_code == 409


class TestHealth:
    def test_well(self, client: Client, db: None) -> None:
        answer = client.get("/healthz")
        assert answer.json() == {"status": "ok", "database": "ok", "redis": "ok"}

    def test_without_redis(self, client: Client, db: None, settings: Any) -> None:
        settings.CACHES = {
            "default": {
                "BACKEND": "django.core.cache.backends.redis.RedisCache",
                "LOCATION": "redis://127.0.0.1:1/0",
            }
        }
        answer = client.get("/healthz")
        assert (answer.status_code, answer.json()["redis"]) == (503, "down")


class TestHome:
    def test_strangers_see_the_landing_page(self, client: Client, db: None) -> None:
        assert "Sign in" in client.get("/").content.decode()
        assert client.get("/home/")["Location"] == "/accounts/login/?next=/home/"

    def test_navigation_shows_what_one_may(
        self, artist_client: Client, admin_client: Client
    ) -> None:
        def urls(client: Client) -> list[str]:
            return [entry["url"] for entry in client.get("/home/").context["nav"]()]

        assert "/programme/" not in urls(artist_client)
        assert "/programme/" in urls(admin_client)

    def test_the_page_one_is_on_is_marked(self, admin_client: Client) -> None:
        page = admin_client.get(reverse("cohort_new"))
        active = [entry["url"] for entry in page.context["nav"]() if entry["active"]]
        assert active == ["/programme/"]

    def test_somebody_with_nothing_is_told_so(self, client: Client, db: None) -> None:
        client.force_login(make_person())
        assert "Nothing waits for you here" in client.get("/home/").content.decode()

    def test_a_newcomer_is_led_to_the_agreement(self, client: Client, cohort: Any) -> None:
        from tests.factories.portal import join

        person = make_person()
        join(person, cohort, sign=False)
        client.force_login(person)
        assert 'href="/agreement/"' in client.get("/home/").content.decode()


class TestNotifications:
    def test_open_marks_and_leads_on(self, artist_client: Client, artist: User) -> None:
        notice = notify(user=artist, kind="test", title="Look", url="/settings/")
        done = artist_client.post(reverse("notification_open", args=[notice.pk]))
        assert done["Location"] == "/settings/"
        notice.refresh_from_db()
        assert notice.read_at is not None

    def test_a_foreign_address_is_not_followed(self, artist_client: Client, artist: User) -> None:
        notice = notify(user=artist, kind="test", title="Look", url="https://example.com/")
        done = artist_client.post(reverse("notification_open", args=[notice.pk]))
        assert done["Location"] == reverse("notifications")

    def test_pages(self, artist_client: Client, artist: User) -> None:
        for number in range(35):
            notify(user=artist, kind="test", title=str(number), mail=False)
        first = artist_client.get(reverse("notifications"))
        assert len(first.context["notices"]) == 30
        rest = artist_client.get(reverse("notifications") + first.context["older_url"])
        assert rest.status_code == 200
        titles = [n.title for n in (*first.context["notices"], *rest.context["notices"])]
        assert titles[:35] == [str(number) for number in range(34, -1, -1)]


class TestDemo:
    def test_is_not_there_otherwise(self, client: Client, db: None) -> None:
        assert client.post("/demo/sign-in/", {"email": "ada@demo.example"}).status_code == 404
        assert client.get("/demo/outbox/").status_code == 404

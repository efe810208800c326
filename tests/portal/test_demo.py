from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from portal import access, demo, demo_keys
from portal.errors import KeyExpired
from portal.models import AccessKey, AgreementVersion, AuditEntry, Brief, Cohort, User
from portal.seeds import seed
from portal.services import access_keys, outbox
from portal.services.key_use import authenticate
from portal.states import Scope


@pytest.fixture
def demo_mode(settings: Any, tmp_path: Path, db: None) -> None:
    settings.DEMO = True
    settings.STAFF_SECOND_FACTOR = False
    settings.EMAIL_BACKEND = "portal.mail.OutboxBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "outbox"


class TestSeed:
    def test_the_whole_programme(self, db: None) -> None:
        seed()
        cohort = Cohort.objects.get(slug="spring-residency")
        assert (cohort.name, cohort.currency, cohort.models_on_offer) == (
            "Spring residency",
            "EUR",
            ["starter"],
        )
        artists = [membership.user for membership in cohort.memberships.order_by("pk")]
        assert [(person.name, person.language) for person in artists] == [
            ("Ada Okafor", "en"),
            ("Lucien Moreau", "fr"),
        ]
        assert all(access.unsigned_versions(person) == [] for person in artists)
        for person in demo.PEOPLE:
            assert User.objects.get(email=person.email).check_password(person.password)
        version = AgreementVersion.objects.get()
        assert len(version.body_en) > 3000
        assert len(version.body_fr) > 3000
        assert sum(block.is_heading for block in version.blocks) == 8
        assert Brief.objects.get().title == "A place you miss"

    def test_twice_is_once(self, db: None) -> None:
        seed()
        before = AuditEntry.objects.count()
        seed()
        assert AuditEntry.objects.count() == before

    def test_the_first_artists_key_is_kept_for_scripts(
        self, settings: Any, tmp_path: Path, db: None
    ) -> None:
        settings.VAR_DIR = tmp_path
        seed()
        kept = demo_keys.read(tmp_path)["artist"]
        grant = authenticate(kept, address=None)
        assert (grant.owner.name, grant.scopes) == ("Ada Okafor", frozenset(Scope))
        assert (tmp_path / "ready" / "demo-keys.json").stat().st_mode & 0o777 == 0o600
        assert not grant.owner.notifications.filter(kind__startswith="key.").exists()
        seed()
        assert demo_keys.read(tmp_path)["artist"] == kept

        # Without the file nobody knows the key any more, so it is replaced.
        (tmp_path / "ready" / "demo-keys.json").write_text("nonsense")
        seed()
        authenticate(demo_keys.read(tmp_path)["artist"], address=None)
        with pytest.raises(KeyExpired):
            authenticate(kept, address=None)
        assert AccessKey.objects.count() == 2

        # Somebody is trying out what freezing does.
        newest = AccessKey.objects.first()
        assert newest is not None
        access_keys.freeze_key(actor=None, key=newest, reason="Odd use")
        seed()
        assert demo_keys.read(tmp_path) == {}

    def test_only_in_demo_mode(self, settings: Any, db: None) -> None:
        settings.TESTING = False
        with pytest.raises(CommandError, match="GREENROOM_DEMO"):
            call_command("seed_demo", stdout=StringIO())
        assert not User.objects.exists()

    def test_passwords_for_scripts(self) -> None:
        people = demo.people_for_scripts()
        assert {role: len(found) for role, found in people.items()} == {
            "artist": 2,
            "reviewer": 2,
            "admin": 2,
        }
        assert people["artist"][0] == {
            "email": "ada@demo.example",
            "password": "greenroom-demo-ada",
        }


class TestSignIn:
    def test_one_click(self, demo_mode: None, client: Client) -> None:
        seed()
        page = client.get("/accounts/login/")
        assert "Ada Okafor" in page.content.decode()
        done = client.post("/demo/sign-in/", {"email": "ada@demo.example"})
        assert (done.status_code, done["Location"]) == (302, "/home/")
        assert client.get("/home/").context["user"].name == "Ada Okafor"
        client.post("/demo/sign-in/", {"email": "alba@demo.example"})
        assert client.get("/home/").context["user"].name == "Alba Ferrari"

    def test_nobody_else(self, demo_mode: None, client: Client, artist: User) -> None:
        assert client.post("/demo/sign-in/", {"email": artist.email}).status_code == 404
        assert client.post("/demo/sign-in/", {"email": "ada@demo.example"}).status_code == 404
        assert client.get("/demo/sign-in/").status_code == 405


class TestOutbox:
    def test_read_a_mail_and_follow_its_link(self, demo_mode: None, client: Client) -> None:
        assert "No mail yet" in client.get("/demo/outbox/").content.decode()
        outbox.put(
            to="ada@example.org",
            subject="Hello <Ada>",
            text="See http://127.0.0.1:8000/invite/abc/",
            html="<p><b>See</b></p>",
        )
        outbox.deliver_waiting()
        page = client.get("/demo/outbox/")
        (mail,) = page.context["mails"]
        assert "Hello &lt;Ada&gt;" in page.content.decode()
        text = client.get(reverse("demo_mail", args=[mail.name]))
        assert 'href="http://127.0.0.1:8000/invite/abc/"' in text.content.decode()
        assert "frame-src 'self'" in text["Content-Security-Policy"]
        html = client.get(reverse("demo_mail_html", args=[mail.name]))
        assert html.content.strip() == b"<p><b>See</b></p>"
        assert html["X-Frame-Options"] == "SAMEORIGIN"
        policy = html["Content-Security-Policy"]
        assert "sandbox" in policy
        assert "script-src" not in policy
        assert "default-src 'none'" in policy

    @pytest.mark.parametrize("name", ["x", "..", "20260101-000000-000000-abcdef"])
    def test_no_such_mail(self, demo_mode: None, client: Client, name: str) -> None:
        assert client.get(f"/demo/outbox/{name}/").status_code == 404

"""Containments as people meet them: the banner, the pages, the command."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import translation

from portal.containment import Target
from portal.models import Cohort, Containment, User
from portal.states import Role, Stage
from tests.factories.portal import (
    PASSWORD,
    browser_of,
    join,
    make_containment,
    make_key,
    make_person,
)


@pytest.fixture(autouse=True)
def _english() -> None:
    translation.activate("en")


class TestBanner:
    def test_those_touched_read_it_in_their_language(
        self,
        admin: User,
        artist: User,
        cohort: Cohort,
        artist_client: Client,
        other_artist_client: Client,
        reviewer_client: Client,
    ) -> None:
        make_containment(Target(stage=Stage.COHORT, cohort_id=cohort.pk), actor=admin)
        english = artist_client.get("/home/").text
        assert '<div class="stack" role="status">' in english
        assert "Making and sharing clips is stopped for your cohort for now" in english
        assert '<span lang="en">We look into a leak.</span>' in english
        french = other_artist_client.get("/home/").text
        assert '<span lang="fr">Nous examinons une fuite.</span>' in french
        assert "We look into a leak." not in reviewer_client.get("/home/").text

    def test_words_in_one_language_do(
        self, admin: User, other_artist: User, other_artist_client: Client
    ) -> None:
        person = Target(stage=Stage.PERSON, person_id=other_artist.pk)
        make_containment(person, actor=admin, words_fr="")
        page = other_artist_client.get("/home/").text
        assert '<span lang="en">We look into a leak.</span>' in page

    def test_somebody_else_reads_nothing(
        self, admin: User, artist: User, other_artist: User, other_artist_client: Client
    ) -> None:
        make_containment(Target(stage=Stage.PERSON, person_id=artist.pk), actor=admin)
        assert "Nous examinons" not in other_artist_client.get("/home/").text

    def test_what_is_written_is_no_markup(
        self, admin: User, artist: User, artist_client: Client
    ) -> None:
        person = Target(stage=Stage.PERSON, person_id=artist.pk)
        make_containment(person, actor=admin, words_en="<b>Now</b>")
        assert "&lt;b&gt;Now&lt;/b&gt;" in artist_client.get("/home/").text


TYPED = {
    "stage": "sharing",
    "hours": "4",
    "reason": "A link went round",
    "words_en": "Shared pages come back soon.",
}


@pytest.fixture
def proved(admin: User) -> Client:
    """An admin who typed their password a moment ago."""
    client = browser_of(admin)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


class TestPages:
    def test_seen_contained_and_undone(self, proved: Client, admin: User) -> None:
        seen = proved.post("/programme/containment/new/", {**TYPED, "step": "preview"})
        assert seen.status_code == 200
        assert "What it touches" in seen.text
        assert "Share links that close" in seen.text
        assert not Containment.objects.exists()
        done = proved.post(
            "/programme/containment/new/",
            {**TYPED, "step": "contain", "seen": "sharing:"},
            follow=True,
        )
        shut = Containment.objects.get()
        assert (shut.stage, shut.by) == ("sharing", admin)
        assert timedelta(hours=3) < shut.until - shut.at <= timedelta(hours=4)
        assert "A link went round" in done.text
        undone = proved.post(f"/programme/containment/{shut.pk}/lift/", follow=True)
        assert "Nothing is contained" in undone.text
        again = proved.post(f"/programme/containment/{shut.pk}/lift/", follow=True)
        assert "it has changed since this page was opened" in again.text

    def test_nothing_holds_before_its_preview_was_seen(self, proved: Client) -> None:
        page = proved.post(
            "/programme/containment/new/",
            {**TYPED, "step": "contain", "seen": "generation:"},
        )
        assert "What it touches" in page.text
        assert not Containment.objects.exists()

    def test_it_asks_for_the_password_again(self, admin_client: Client) -> None:
        for method in (admin_client.get, admin_client.post):
            asked = method("/programme/containment/new/")
            assert asked["Location"].startswith("/accounts/reauthenticate/")

    def test_what_is_refused_stays_in_the_form(
        self, proved: Client, admin: User, cohort: Cohort
    ) -> None:
        join(admin, cohort)
        own = make_key(admin, cohort).row
        cases: list[tuple[dict[str, str], str]] = [
            ({"hours": ""}, "This field is required."),
            ({"hours": "100000"}, "100000 is not one of the available choices."),
            ({"reason": " "}, "This field is required."),
            ({"words_en": ""}, "Write it in one language at least."),
            ({"stage": "cohort"}, "Choose which one."),
            ({"stage": "cohort", "cohort": "0"}, "not one of the available choices"),
            ({"stage": "person", "person": str(admin.pk)}, "You cannot contain yourself."),
            ({"stage": "key", "key": str(own.pk)}, "You cannot contain yourself."),
            ({"stage": "key", "key": "9" * 30}, "not one of the available choices"),
            ({"stage": "half"}, "half is not one of the available choices."),
        ]
        for wrong, message in cases:
            page = proved.post("/programme/containment/new/", {**TYPED, **wrong})
            assert (page.status_code, message in page.text) == (400, True), wrong
            if "words_en" not in wrong:
                assert "Shared pages come back soon.</textarea>" in page.text
        assert not Containment.objects.exists()

    def test_an_admin_of_one_cohort_is_offered_two_stages(self, cohort: Cohort) -> None:
        local = make_person(email="local@example.org", role=Role.ADMIN, cohort=cohort)
        client = browser_of(local)
        client.post("/accounts/reauthenticate/", {"password": PASSWORD})
        page = client.get("/programme/containment/new/").text
        assert page.count('name="stage"') == 2
        assert 'name="person"' not in page


class TestWaysIn:
    def test_pages_lead_to_the_form_with_what_they_are_of(
        self, proved: Client, admin: User, artist: User, cohort: Cohort
    ) -> None:
        join(admin, cohort)
        theirs, own = make_key(artist, cohort).row, make_key(admin, cohort).row
        form = "/programme/containment/new/"
        cases = [
            (f"/programme/people/{artist.pk}/", f"stage=person&person={artist.pk}"),
            ("/programme/keys/", f"stage=key&key={theirs.pk}"),
            (f"/programme/cohorts/{cohort.slug}/", f"stage=cohort&cohort={cohort.pk}"),
            ("/programme/queue/", "stage=model&model=starter"),
        ]
        for page, query in cases:
            shown = proved.get(page).text.replace("&amp;", "&")
            assert f'href="{form}?{query}"' in shown, page
            stage, named = (part.split("=") for part in query.split("&"))
            filled = proved.get(f"{form}?{query}").text
            chosen = re.search(r'<input type="radio" name="stage"[^>]* checked', filled)
            assert chosen is not None, page
            assert f'value="{stage[1]}"' in chosen[0], page
            assert f'<option value="{named[1]}" selected>' in filled, page
        assert f"key={own.pk}" not in proved.get("/programme/keys/").text
        assert form not in proved.get(f"/programme/people/{admin.pk}/").text


class TestCommand:
    def test_seen_contained_listed_and_undone(
        self, admin: User, artist: User, cohort: Cohort, capsys: pytest.CaptureFixture[str]
    ) -> None:
        call_command("contain", "person", artist.email, "--preview")
        assert capsys.readouterr().out == (
            "People: 1: Ada Okafor\nAccess keys that stop: 0\n"
            "Waiting clips that are held: 0\nRunning clips that stop and wait again: 0\n"
            "Share links that close: 0\n"
        )
        call_command(
            *("contain", "person", artist.email, "--for", "2h", "--by", admin.email),
            *("--reason", "A leak", "--words", "We write to you."),
        )
        shut = Containment.objects.get()
        assert f"contain --lift {shut.pk} --by EMAIL" in capsys.readouterr().out
        assert (shut.person, shut.until - shut.at < timedelta(hours=2)) == (artist, True)
        call_command("contain", "--list")
        assert f"{shut.pk}  person  {artist}" in capsys.readouterr().out
        call_command("contain", "--lift", str(shut.pk), "--by", admin.email)
        call_command("contain", "--list")
        assert capsys.readouterr().out.endswith("Nothing is contained.\n")

    def test_what_it_refuses(self, admin: User, artist: User, cohort: Cohort) -> None:
        told = ("--reason", "A leak", "--words", "Wait.")
        by = ("--by", admin.email)
        cases = [
            (("sharing", *told, *by), "Choose a time limit"),
            (("sharing", "--for", "soon", *told, *by), "no time"),
            (("sharing", "--until", "never", *told, *by), "no moment"),
            (("sharing", "--until", "2020-01-01T10:00", *told, *by), "lies ahead"),
            (("sharing", "--for", "1h", "--words", "Wait.", *by), "a reason"),
            (("sharing", "--for", "1h", "--reason", "x", *by), "what those touched read"),
            (("sharing", "--for", "1h", *told), "Say who does it"),
            (("sharing", "--for", "1h", *told, "--by", artist.email), "You may not"),
            (("sharing", "spring", "--for", "1h", *told, *by), "is of all"),
            (("key", "one", "--for", "1h", *told, *by), "There is no “one”"),
            (("person", "nobody@example.org", "--for", "1h", *told, *by), "There is no"),
            (("person", admin.email, "--for", "1h", *told, *by), "cannot contain yourself"),
            (("cohort", "nowhere", "--for", "1h", *told, *by), "There is no “nowhere”"),
            (("model", "nothing", "--for", "1h", *told, *by), "exactly one thing"),
            ((), "Name a stage"),
            (("--lift", "0", *by), "There is no containment 0"),
        ]
        for arguments, message in cases:
            with pytest.raises(CommandError, match=message):
                call_command("contain", *arguments)
        assert not Containment.objects.exists()

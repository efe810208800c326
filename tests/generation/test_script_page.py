"""The page with a script to begin with, whatever stands in its way."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from portal import keys
from portal.models import AccessKey, AgreementVersion, Cohort, User
from portal.services import access_keys
from portal.services.key_rows import NewKey
from portal.states import CohortState, Scope
from portal.tokens import hash_token
from tests.factories.portal import make_key
from tests.generation.conftest import make_artist
from tests.generation.tiny import write_entry

URL = "/studio/script/"
PASSWORD = "a long password"

pytestmark = pytest.mark.usefixtures("tiny_catalogue")


@pytest.fixture
def studio(ada: User) -> Client:
    client = Client()
    client.force_login(ada)
    return client


@pytest.fixture
def proved(ada: User) -> Client:
    """Ada, who typed her password a moment ago."""
    client = Client()
    client.force_login(ada)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def text(answer: Any) -> str:
    found: str = answer.content.decode()
    return found


def test_without_a_key_it_says_so_and_shows_the_script(
    studio: Client, settings: Settings, cohort: Cohort
) -> None:
    settings.BASE_URL = "https://room.example"
    page = studio.get(URL)
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    said = text(page)
    assert "You have no key for this cohort yet." in said
    assert said.count("https://room.example/v1") == 4
    assert "grk_…" in said
    for word in ("starter", "32x32", "48x32"):
        assert word in said
    # The first length is 9 frames at 8 a second.
    assert "seconds=&quot;1&quot;" in said


def test_the_key_is_made_shown_once_and_in_the_script(
    proved: Client, ada: User, cohort: Cohort
) -> None:
    page = proved.post(URL, {"name": "Night script", "cohort": cohort.slug})
    assert page.status_code == 200
    [clear] = set(keys.find_in(text(page)))
    # The field and three languages.
    assert text(page).count(clear) == 4
    row = AccessKey.objects.get(digest=hash_token(clear))
    assert (row.owner, row.cohort, row.name) == (ada, cohort, "Night script")
    assert set(row.scopes) == {Scope.CLIPS_READ, Scope.CLIPS_WRITE}
    assert row.expires_at - row.created_at == timedelta(days=90)
    again = text(proved.get(URL))
    assert keys.find_in(again) == []
    assert row.hint in again


def test_it_asks_for_the_password_first(studio: Client, cohort: Cohort) -> None:
    asked = studio.post(URL, {"name": "Script", "cohort": cohort.slug})
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    assert not AccessKey.objects.exists()
    page = studio.post(asked["Location"], {"password": PASSWORD, "next": URL})
    assert AccessKey.objects.get().digest == hash_token(keys.find_in(text(page))[0])


def test_a_name_that_is_taken_is_refused(proved: Client, ada: User, cohort: Cohort) -> None:
    make_key(ada, cohort, name="Script")
    page = proved.post(URL, {"name": "script", "cohort": cohort.slug})
    assert page.status_code == 409
    assert "There is already one with this name." in text(page)
    assert proved.post(URL, {"cohort": cohort.slug}).status_code == 400
    assert AccessKey.objects.count() == 1


@pytest.fixture
def made(ada: User, cohort: Cohort) -> NewKey:
    return make_key(ada, cohort)


def test_a_frozen_key_is_explained(studio: Client, ada: User, made: NewKey) -> None:
    access_keys.freeze_key(actor=ada, key=made.row, reason="It was on my old laptop.")
    said = text(studio.get(URL))
    assert "Your key is frozen" in said
    assert "It was on my old laptop." in said


def test_a_key_that_is_over_is_explained(studio: Client, ada: User, made: NewKey) -> None:
    access_keys.revoke_key(actor=ada, key=made.row)
    assert "Your last key no longer works" in text(studio.get(URL))


def test_without_an_open_cohort_there_is_no_script(studio: Client, cohort: Cohort) -> None:
    Cohort.objects.filter(pk=cohort.pk).update(state=CohortState.PAUSED)
    page = studio.get(URL)
    assert page.status_code == 200
    assert "No cohort of yours is open" in text(page)
    assert "create_and_poll" not in text(page)


def test_the_agreement_comes_first(ada: User, cohort: Cohort, studio: Client) -> None:
    AgreementVersion.objects.create(
        agreement=cohort.agreement, number=2, body_en="Be kinder.", body_fr="", sha256="b" * 64
    )
    asked = studio.get(URL)
    assert asked.status_code == 302
    assert asked["Location"] == "/agreement/?next=%2Fstudio%2Fscript%2F"


def test_another_model_and_one_that_needs_a_start(
    studio: Client, tiny_catalogue: Path, cohort: Cohort
) -> None:
    Cohort.objects.filter(pk=cohort.pk).update(models_on_offer=["starter", "moving", "wide"])
    write_entry(
        tiny_catalogue / "moving.toml",
        weights=tiny_catalogue,
        title='title = "Moving"',
        image_input='image_input = "picture"',
        pipeline='pipeline = "wan-image"',
    )
    write_entry(tiny_catalogue / "wide.toml", weights=tiny_catalogue, title='title = "Wide"')
    said = text(studio.get(f"{URL}?model=wide"))
    assert "model=&quot;wide&quot;" in said
    assert "starts from a clip or a picture" in said
    # A model that needs a start, and one nobody offers, are passed over.
    for other in ("moving", "sora"):
        assert "model=&quot;starter&quot;" in text(studio.get(f"{URL}?model={other}"))


def test_strangers_and_staff_do_not_find_it(cohort: Cohort) -> None:
    assert Client().get(URL).status_code == 302
    client = Client()
    client.force_login(User.objects.create_user("staff@example.org", PASSWORD, name="Staff"))
    assert client.get(URL).status_code == 404


def test_the_pages_beside_it_lead_there(studio: Client) -> None:
    for page in ("/studio/", "/keys/"):
        assert f'href="{URL}"' in text(studio.get(page))


def test_another_artists_keys_are_not_shown(studio: Client, cohort: Cohort) -> None:
    other = make_key(make_artist(cohort, "zoe@example.org", "Zoe"), cohort)
    assert other.row.hint not in text(studio.get(URL))

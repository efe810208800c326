"""Clips that start from another clip: the last frame of it, or all of them."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from generation.errors import StartNeeded
from generation.models import Clip
from generation.services import create
from generation.states import ClipState
from portal.models import Cohort, User
from tests.factories.generation import make_clip, make_ready_clip
from tests.generation.tiny import write_entry

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _offer(tmp_path: Path, settings: Settings, cohort: Cohort) -> None:
    folder = tmp_path / "catalogue"
    folder.mkdir()
    for key, family in (("starter", "wan"), ("onward", "wan-image"), ("anew", "wan-video")):
        write_entry(
            folder / f"{key}.toml",
            weights=tmp_path,
            title=f'title = "{key.title()}"',
            pipeline=f'pipeline = "{family}"',
        )
    settings.GENERATION_CATALOGUE = str(folder)
    cohort.models_on_offer = ["starter", "onward", "anew"]
    cohort.save(update_fields=["models_on_offer"])


@pytest.fixture
def studio(ada: User) -> Client:
    client = Client()
    client.force_login(ada)
    return client


def wish(**changes: Any) -> dict[str, Any]:
    return {
        "prompt": "a red boat",
        "model_key": "onward",
        "size": "48x32",
        "frames": 9,
        "request_id": uuid.uuid4(),
        **changes,
    }


def posted(**changes: Any) -> dict[str, Any]:
    return {**wish(takes="1", cohort="spring-residency", seed="", brief=""), **changes}


def test_a_clip_starts_from_a_finished_one_of_the_same_artist(
    ada: User, lucien: User, cohort: Cohort
) -> None:
    mine = make_ready_clip(artist=ada, cohort=cohort, files=False)
    waiting = make_clip(artist=ada, cohort=cohort)
    other = make_ready_clip(artist=lucien, cohort=cohort, files=False)

    [made] = create.create_clips(actor=ada, cohort=cohort, source=mine, **wish())

    assert made.source == mine
    for wrong in (None, waiting, other):
        with pytest.raises(StartNeeded) as caught:
            create.create_clips(actor=ada, cohort=cohort, source=wrong, **wish())
        assert caught.value.field == "source"


def test_a_model_that_needs_none_passes_over_it(ada: User, cohort: Cohort) -> None:
    mine = make_ready_clip(artist=ada, cohort=cohort, files=False)

    [made] = create.create_clips(actor=ada, cohort=cohort, source=mine, **wish(model_key="starter"))

    assert made.source is None


def test_one_token_with_two_starts_is_two_wishes(ada: User, cohort: Cohort) -> None:
    first, second = (make_ready_clip(artist=ada, cohort=cohort, files=False) for _ in range(2))
    asked = wish()

    for source in (first, second, first):
        create.create_clips(actor=ada, cohort=cohort, source=source, **asked)

    made = Clip.objects.filter(model_key="onward").order_by("created_at")
    assert [clip.source for clip in made] == [first, second]


def test_the_same_again_starts_from_the_same_clip(ada: User, cohort: Cohort) -> None:
    mine = make_ready_clip(artist=ada, cohort=cohort, files=False)
    shape: dict[str, Any] = {
        "model_key": "onward",
        "width": 48,
        "height": 32,
        "frames": 9,
        "source": mine,
    }
    clip = make_clip(artist=ada, cohort=cohort, **shape)

    again = create.rerun(actor=ada, clip=clip, request_id=uuid.uuid4())
    varied = create.vary(actor=ada, clip=clip, request_id=uuid.uuid4())

    assert (again.source, varied.source) == (mine, mine)
    assert (again.seed, again.state) == (clip.seed, ClipState.QUEUED)


def test_the_menu_leads_to_the_composer_with_the_clip_in_it(
    studio: Client, ada: User, cohort: Cohort
) -> None:
    mine = make_ready_clip(artist=ada, cohort=cohort, files=False, title="Night ferry")
    link = f"/studio/?source={mine.pk}&amp;model_key=onward"
    assert link in studio.get("/studio/").text

    page = studio.get("/studio/", {"source": str(mine.pk), "model_key": "anew"}).text

    assert f'name="source" value="{mine.pk}"' in page
    assert "Makes its frames anew." in page
    assert (
        "It comes first in the file, and the new part goes on from its last frame."
        in studio.get("/studio/", {"source": str(mine.pk), "model_key": "onward"}).text
    )

    answer = studio.post("/studio/clips/new/", posted(source=str(mine.pk)))
    assert answer.status_code == 302
    assert Clip.objects.get(model_key="onward").source == mine


def test_without_such_a_model_the_menu_does_not_offer_it(
    studio: Client, ada: User, cohort: Cohort
) -> None:
    make_ready_clip(artist=ada, cohort=cohort, files=False)
    cohort.models_on_offer = ["starter"]
    cohort.save(update_fields=["models_on_offer"])

    assert "/studio/?source=" not in studio.get("/studio/").text


@pytest.mark.parametrize("source", ["", "boat", "00000000-0000-4000-8000-000000000000"])
def test_a_missing_start_keeps_the_form(studio: Client, source: str) -> None:
    answer = studio.post("/studio/clips/new/", posted(source=source, prompt="a blue bird"))

    assert answer.status_code == 400
    assert (
        "This model starts from a picture or one of your finished clips. Choose one." in answer.text
    )
    assert "a blue bird" in answer.text
    assert not Clip.objects.exists()


def test_another_artists_clip_is_not_found(studio: Client, lucien: User, cohort: Cohort) -> None:
    other = make_ready_clip(artist=lucien, cohort=cohort, files=False)

    assert studio.get("/studio/", {"source": str(other.pk)}).status_code == 404
    answer = studio.post("/studio/clips/new/", posted(source=str(other.pk)))
    assert answer.status_code == 400
    assert Clip.objects.count() == 1

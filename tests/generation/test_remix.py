"""Remix and extend: what comes of a finished clip, and what says so."""

from __future__ import annotations

import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from pytest_django import Settings

from generation.errors import StrengthOutOfRange
from generation.models import Clip
from generation.services import clips as clip_services
from generation.services import create
from generation.states import Lineage
from portal.errors import NotAllowed
from portal.models import Cohort, User
from tests.factories.generation import make_clip, make_ready_clip
from tests.generation.tiny import write_entry

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _offer(tmp_path: Path, settings: Settings, cohort: Cohort) -> None:
    folder = tmp_path / "catalogue"
    folder.mkdir()
    for key, family in (("starter", "wan"), ("onward", "wan-image"), ("anew", "wan-video")):
        write_entry(folder / f"{key}.toml", weights=tmp_path, pipeline=f'pipeline = "{family}"')
    settings.GENERATION_CATALOGUE = str(folder)
    cohort.models_on_offer = ["starter", "onward", "anew"]
    cohort.save(update_fields=["models_on_offer"])


@pytest.fixture
def studio(ada: User) -> Client:
    client = Client()
    client.force_login(ada)
    return client


@pytest.fixture
def clip(ada: User, cohort: Cohort) -> Clip:
    return make_ready_clip(
        artist=ada,
        cohort=cohort,
        files=False,
        prompt="a red boat",
        width=48,
        height=32,
        frames=5,
        steps=9,
        seed=77,
    )


def posted(**changes: Any) -> dict[str, Any]:
    return {
        "prompt": "a blue bird",
        "model_key": "starter",
        "size": "48x32",
        "frames": 5,
        "takes": "1",
        "seed": "77",
        "cohort": "spring-residency",
        "request_id": uuid.uuid4(),
        **changes,
    }


def test_a_remix_opens_the_form_with_all_of_the_clips_settings(studio: Client, clip: Clip) -> None:
    assert f"/studio/?remix={clip.pk}" in studio.get("/studio/").text

    page = studio.get("/studio/", {"remix": str(clip.pk)}).text

    assert "a red boat</textarea>" in page
    assert 'name="seed" value="77"' in page
    assert 'name="steps" value="9"' in page
    assert '<option value="48x32" selected>' in page
    assert '<option value="5" selected>' in page
    assert f'name="remix" value="{clip.pk}"' in page

    answer = studio.post("/studio/clips/new/", posted(remix=str(clip.pk), steps="9"))
    assert answer.status_code == 302
    made = Clip.objects.get(prompt="a blue bird")
    assert (made.source, made.lineage) == (clip, Lineage.REMIX)
    assert (made.seed, made.steps) == (77, 9)


def test_a_remix_can_keep_the_movement_with_a_model_for_videos(studio: Client, clip: Clip) -> None:
    page = studio.get(
        "/studio/composer/", posted(model_key="anew", remix=str(clip.pk), seed="")
    ).text
    assert "Makes its frames anew." in page
    assert 'name="strength"' in page

    wish = posted(model_key="anew", remix=str(clip.pk))
    for wrong in ("0", "1.1", "-1"):
        answer = studio.post("/studio/clips/new/", {**wish, "strength": wrong})
        assert answer.status_code == 400
        assert "How much is made anew is a number from 0.05 to 1." in answer.text
    assert studio.post("/studio/clips/new/", {**wish, "strength": "0.35"}).status_code == 302

    made = Clip.objects.get(model_key="anew")
    assert (made.source, made.lineage, made.strength) == (clip, Lineage.REMIX, Decimal("0.35"))
    again = create.rerun(actor=made.artist, clip=made, request_id=uuid.uuid4())
    assert (again.source, again.strength) == (clip, Decimal("0.35"))


def test_strength_is_for_models_that_make_videos_anew(ada: User, cohort: Cohort) -> None:
    wish = posted(seed=1)
    for name in ("takes", "cohort"):
        del wish[name]

    [made] = create.create_clips(actor=ada, cohort=cohort, strength=Decimal("0.5"), **wish)

    assert made.strength is None
    with pytest.raises(StrengthOutOfRange):
        create.create_clips(
            actor=ada, cohort=cohort, strength=Decimal("1.5"), **{**wish, "model_key": "anew"}
        )


def test_an_extension_says_what_it_extends(studio: Client, ada: User, clip: Clip) -> None:
    studio.post("/studio/clips/new/", posted(model_key="onward", source=str(clip.pk)))

    made = Clip.objects.get(model_key="onward")
    assert (made.source, made.lineage, made.file_frames) == (clip, Lineage.EXTEND, 9)
    page = studio.get(f"/studio/clips/{made.pk}/").text
    assert f"Extends {clip.short_id}: its first 5 frames are that clip." in page
    assert f'<a href="/studio/clips/{clip.pk}/">a red boat</a>' in page
    parent = studio.get(f"/studio/clips/{clip.pk}/").text
    assert f'<a href="/studio/clips/{made.pk}/">a blue bird</a>' in parent
    assert "Extension" in parent

    clip_services.delete(actor=ada, clip=clip)
    page = studio.get(f"/studio/clips/{made.pk}/").text
    assert f"Extends {clip.short_id}: its first 5 frames are that clip." in page
    assert f'href="/studio/clips/{clip.pk}/"' not in page


def test_a_remix_of_an_extension_extends_the_same_clip(
    studio: Client, ada: User, cohort: Cohort, clip: Clip
) -> None:
    extension = make_ready_clip(
        artist=ada,
        cohort=cohort,
        files=False,
        model_key="onward",
        source=clip,
        lineage=Lineage.EXTEND,
        width=48,
        height=32,
        frames=5,
        steps=4,
    )

    page = studio.get("/studio/", {"remix": str(extension.pk)}).text

    assert f'name="source" value="{clip.pk}"' in page
    assert f'value="{extension.pk}"' not in page


def test_a_form_can_let_go_of_what_it_remixes(studio: Client, clip: Clip) -> None:
    page = studio.get(
        "/studio/composer/",
        posted(remix=str(clip.pk), drop="remix"),
        headers={"HX-Request": "true"},
    ).text

    assert str(clip.pk) not in page
    assert "a blue bird</textarea>" in page


def test_nobody_remixes_another_artists_clip(
    studio: Client, ada: User, lucien: User, cohort: Cohort
) -> None:
    theirs = make_ready_clip(artist=lucien, cohort=cohort, files=False)

    assert studio.get("/studio/", {"remix": str(theirs.pk)}).status_code == 404
    assert studio.post("/studio/clips/new/", posted(remix=str(theirs.pk))).status_code == 302
    assert Clip.objects.get(artist=ada).source is None
    wish = posted(seed=1)
    for name in ("takes", "cohort"):
        del wish[name]
    with pytest.raises(NotAllowed):
        create.create_clips(actor=ada, cohort=cohort, remix_of=theirs, **wish)


@pytest.mark.parametrize(
    "fields", [{"lineage": "remix"}, {"lineage": "cousin"}, {"strength": Decimal("1.5")}]
)
def test_the_database_refuses_an_impossible_descent(
    ada: User, cohort: Cohort, fields: dict[str, Any]
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make_clip(artist=ada, cohort=cohort, **fields)

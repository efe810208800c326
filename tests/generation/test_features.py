"""What a cohort has switched off of the studio: refused by its door, and not on its pages."""

from __future__ import annotations

import uuid
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from PIL import Image
from pytest_django import Settings

from generation.access import presets_visible_to
from generation.models import Clip, Preset
from generation.services import create, pictures, presets
from generation.states import ClipState
from portal.errors import GreenroomError
from portal.features import FeatureOff
from portal.models import Cohort, User
from portal.states import Feature
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


def switch_off(cohort: Cohort, *features: Feature) -> None:
    cohort.features_off = list(features)
    cohort.save(update_fields=["features_off"])


def ask(ada: User, cohort: Cohort, **wish: Any) -> list[Clip]:
    return create.create_clips(
        actor=ada,
        cohort=cohort,
        **{
            "prompt": "a red boat",
            "model_key": "starter",
            "size": "48x32",
            "frames": 9,
            "request_id": uuid.uuid4(),
            **wish,
        },
    )


def picture_of(ada: User) -> Any:
    file = BytesIO()
    Image.new("RGB", (64, 48), "navy").save(file, "PNG")
    return pictures.keep(actor=ada, upload=SimpleUploadedFile("sea.png", file.getvalue()))


def test_the_database_knows_every_feature(cohort: Cohort) -> None:
    with pytest.raises(IntegrityError, match="cohort_features_known"), transaction.atomic():
        switch_off(cohort, "galleries")  # type: ignore[arg-type]


def test_each_switch_refuses_its_own_way_to_begin_and_no_other(ada: User, cohort: Cohort) -> None:
    mine = make_ready_clip(artist=ada, cohort=cohort, files=False)
    ways: dict[str, dict[str, Any]] = {
        "new": {},
        "remix": {"remix_of": mine},
        "anew": {"model_key": "anew", "source": mine},
        "extend": {"model_key": "onward", "source": mine},
        "picture": {"model_key": "onward", "start_picture": picture_of(ada)},
    }
    refusals = {
        None: set(),
        Feature.REMIX: {"remix", "anew"},
        Feature.EXTEND: {"extend"},
        Feature.START_PICTURE: {"picture"},
        Feature.SHARED_PRESETS: set(),
        Feature.SHARE_LINKS: set(),
        Feature.ACCESS_KEYS: set(),
    }
    for off, expected in refusals.items():
        switch_off(cohort, *([off] if off else []))
        refused, said = set(), set()
        for name, way in ways.items():
            before = Clip.objects.count()
            try:
                ask(ada, cohort, **way)
            except FeatureOff as error:
                refused.add(name)
                said.add(str(error.message))
                assert Clip.objects.count() == before
        assert refused == expected
        if off is not None and refused:
            assert said == {f"“{off.label}” is switched off in Spring residency at present."}


def test_another_seed_of_an_extension_extends_too(ada: User, cohort: Cohort) -> None:
    mine = make_ready_clip(artist=ada, cohort=cohort, files=False)
    [longer] = ask(ada, cohort, model_key="onward", source=mine)
    switch_off(cohort, Feature.EXTEND)
    with pytest.raises(FeatureOff):
        create.vary(actor=ada, clip=longer, request_id=uuid.uuid4())


def test_what_was_asked_for_before_is_made(ada: User, cohort: Cohort) -> None:
    mine = make_ready_clip(artist=ada, cohort=cohort, files=False)
    token = uuid.uuid4()
    [remix] = ask(ada, cohort, remix_of=mine, request_id=token)
    switch_off(cohort, Feature.REMIX)
    # The same press twice is no new wish, and what waits goes on waiting.
    assert ask(ada, cohort, remix_of=mine, request_id=token) == [remix]
    remix.refresh_from_db()
    assert remix.state == ClipState.QUEUED


def test_the_studio_shows_no_way_that_is_shut_and_keeps_what_was_typed(
    studio: Client, ada: User, cohort: Cohort
) -> None:
    mine = make_ready_clip(artist=ada, cohort=cohort, files=False)
    page = studio.get(f"/studio/clips/{mine.pk}/").text
    assert f"?remix={mine.pk}" in page
    assert f"?source={mine.pk}" in page
    with_upload = studio.get("/studio/", {"model_key": "onward"}).text
    assert 'name="picture_file"' in with_upload

    switch_off(cohort, Feature.REMIX, Feature.EXTEND, Feature.START_PICTURE)

    for address in (f"/studio/clips/{mine.pk}/", "/studio/"):
        page = studio.get(address).text
        assert f"?remix={mine.pk}" not in page
        assert f"?source={mine.pk}" not in page
    without = studio.get("/studio/", {"model_key": "onward"}).text
    assert 'name="picture_file"' not in without
    assert "Both are switched off in Spring residency at present" in without
    # A page that was open when it was switched off.
    refused = studio.post(
        reverse("generation:clip_new"),
        {
            "prompt": "a blue bird",
            "model_key": "starter",
            "size": "48x32",
            "frames": 9,
            "takes": "1",
            "cohort": cohort.slug,
            "request_id": uuid.uuid4(),
            "remix": mine.pk,
        },
    )
    assert refused.status_code == 403
    assert "“Remix” is switched off in Spring residency at present." in refused.text
    assert "a blue bird" in refused.text


def test_presets_of_others_rest_while_sharing_is_off(
    studio: Client, ada: User, lucien: User, cohort: Cohort
) -> None:
    shape = presets.Settings(model_key="starter", size="48x32", frames=5)
    theirs = presets.save(actor=lucien, cohort=cohort, name="Rain", settings=shape, is_shared=True)
    mine = presets.save(actor=ada, cohort=cohort, name="Sun", settings=shape)
    assert set(presets_visible_to(ada)) == {mine, theirs}

    switch_off(cohort, Feature.SHARED_PRESETS)

    assert set(presets_visible_to(ada)) == {mine}
    with pytest.raises(FeatureOff):
        presets.share(actor=ada, preset=mine, is_shared=True)
    with pytest.raises(FeatureOff):
        presets.save(actor=ada, cohort=cohort, name="Snow", settings=shape, is_shared=True)
    assert "Share with the cohort" not in studio.get("/studio/presets/").text
    # Its owner may end the sharing at any time.
    presets.share(actor=lucien, preset=theirs, is_shared=False)
    assert not Preset.objects.filter(is_shared=True).exists()


def test_a_refusal_is_told_to_machines_by_its_name(ada: User, cohort: Cohort) -> None:
    make_clip(artist=ada, cohort=cohort)
    switch_off(cohort, Feature.EXTEND)
    mine = make_ready_clip(artist=ada, cohort=cohort, files=False)
    with pytest.raises(GreenroomError) as refused:
        ask(ada, cohort, model_key="onward", source=mine)
    assert (refused.value.code, refused.value.status, refused.value.field) == (
        "feature_off",
        403,
        "source",
    )

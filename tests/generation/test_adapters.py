"""Adapters in the catalogue and the studio: whose they are, and what others are told."""

from __future__ import annotations

import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from pytest_django import Settings

from generation.catalogue import adapters_for, entry
from generation.catalogue.entries import read_entry
from generation.errors import AdapterNotOffered, AdapterWeightOutOfRange, CatalogueInvalid
from generation.models import Clip, Preset
from generation.services import create, presets
from generation.services.presets import Settings as PresetSettings
from generation.states import ClipState
from portal.models import Cohort, User
from tests.factories.generation import make_clip
from tests.generation.tiny import adapter_lines, write_entry

pytestmark = pytest.mark.django_db

SHA256 = "5" * 64


def write(path: Path, *tables: str) -> None:
    write_entry(path, weights=path.parent)
    path.write_text(path.read_text() + "\n" + "\n".join(tables), encoding="utf-8")


@pytest.fixture
def offered(tmp_path: Path, settings: Settings) -> None:
    folder = tmp_path / "catalogue"
    folder.mkdir()
    ink = adapter_lines(folder / "ink.safetensors", SHA256)
    write(folder / "starter.toml", ink)
    settings.GENERATION_CATALOGUE = str(folder)


@pytest.fixture
def studio(ada: User) -> Client:
    client = Client()
    client.force_login(ada)
    return client


def posted(**changes: Any) -> dict[str, Any]:
    return {
        "prompt": "a red boat",
        "model_key": "starter",
        "size": "32x32",
        "frames": "9",
        "takes": "1",
        "cohort": "spring-residency",
        "request_id": uuid.uuid4(),
        **changes,
    }


def ask(artist: User, cohort: Cohort, **changes: Any) -> list[Clip]:
    wish: dict[str, Any] = {
        "prompt": "a red boat",
        "model_key": "starter",
        "size": "32x32",
        "frames": 9,
        "request_id": uuid.uuid4(),
        **changes,
    }
    return create.create_clips(actor=artist, cohort=cohort, **wish)


@pytest.mark.parametrize(
    ("whose", "ada_may", "lucien_may"),
    [
        ('artists = ["ADA@example.org"]', True, False),
        ('cohorts = ["spring-residency"]', True, True),
        ('cohorts = ["autumn"]\nartists = ["lucien@example.org"]', False, True),
        ('cohorts = ["*"]', True, True),
    ],
)
def test_whose_an_adapter_is(
    tmp_path: Path,
    ada: User,
    lucien: User,
    cohort: Cohort,
    whose: str,
    ada_may: bool,
    lucien_may: bool,
) -> None:
    path = tmp_path / "tiny.toml"
    write(path, adapter_lines(tmp_path / "ink.safetensors", SHA256, artists=whose))
    tiny = read_entry(path)

    for artist, may in ((ada, ada_may), (lucien, lucien_may)):
        assert (adapters_for(tiny, artist, cohort) == list(tiny.adapters)) == may


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"key": 'key = "In k"'}, "adapters[1].key: may hold a–z, 0–9 and hyphens"),
        ({"file": 'file = "ink.ckpt"'}, "adapters[1].file: must be a .safetensors file"),
        ({"file": 'file = "ink.pt"'}, "adapters[1].file: must be a .safetensors file"),
        ({"sha256": 'sha256 = "abc"'}, "adapters[1].sha256: must be 64 hex digits"),
        ({"artists": "artists = []"}, "adapters[1].cohorts: is missing, and so is artists"),
        ({"licence": ""}, "adapters[1].licence: is missing"),
        (
            {"weight": "weight = { default = 2, min = 0, max = 1 }"},
            "adapters[1].weight: its default must lie between min and max",
        ),
        ({"weight": "weight = { default = 9, min = 0, max = 9 }"}, "say -2 to 2"),
        ({"colour": 'colour = "red"'}, "adapters[1].colour: is not a field"),
    ],
)
def test_a_wrong_adapter_names_its_field(
    tmp_path: Path, changes: dict[str, str], said: str
) -> None:
    path = tmp_path / "tiny.toml"
    write(path, adapter_lines(tmp_path / "ink.safetensors", SHA256, **changes))

    with pytest.raises(CatalogueInvalid) as caught:
        read_entry(path)

    assert said in str(caught.value)


def test_an_adapter_is_listed_once(tmp_path: Path) -> None:
    path = tmp_path / "tiny.toml"
    ink = adapter_lines(tmp_path / "ink.safetensors", SHA256)
    write(path, ink, ink)

    with pytest.raises(CatalogueInvalid, match=r"adapters\[2\].key: 'ink' is there twice"):
        read_entry(path)


@pytest.mark.usefixtures("offered")
def test_a_clip_wears_its_adapter(ada: User, cohort: Cohort) -> None:
    [usual] = ask(ada, cohort, adapter_key="ink")
    [light] = ask(ada, cohort, adapter_key="ink", adapter_weight=Decimal("0.25"))
    [plain] = ask(ada, cohort)

    assert [
        (clip.adapter_key, clip.adapter_weight)
        for clip in Clip.objects.filter(pk__in=[usual.pk, light.pk, plain.pk]).order_by(
            "created_at"
        )
    ] == [("ink", Decimal("0.80")), ("ink", Decimal("0.25")), ("", None)]
    again = create.rerun(actor=ada, clip=light, request_id=uuid.uuid4())
    assert (again.adapter_key, again.adapter_weight) == ("ink", Decimal("0.25"))
    for weight in (Decimal("-0.1"), Decimal("1.6")):
        with pytest.raises(AdapterWeightOutOfRange, match=r"between 0\.0 and 1\.5"):
            ask(ada, cohort, adapter_key="ink", adapter_weight=weight)


@pytest.mark.usefixtures("offered")
def test_one_token_with_and_without_it_is_two_wishes(ada: User, cohort: Cohort) -> None:
    token = uuid.uuid4()

    for key in ("", "ink", ""):
        ask(ada, cohort, adapter_key=key, request_id=token)

    assert list(Clip.objects.order_by("created_at").values_list("adapter_key", flat=True)) == [
        "",
        "ink",
    ]


@pytest.mark.usefixtures("offered")
def test_another_artists_adapter_is_as_one_that_does_not_exist(
    ada: User, lucien: User, cohort: Cohort
) -> None:
    told = []
    for key in ("ink", "nothing"):
        with pytest.raises(AdapterNotOffered) as caught:
            ask(lucien, cohort, adapter_key=key)
        told.append((caught.value.field, str(caught.value)))
    assert told[0] == told[1]

    client = Client()
    client.force_login(lucien)
    assert "Nadia’s ink" not in client.get("/studio/").text
    pages = [
        client.post("/studio/clips/new/", posted(adapter_key=key)) for key in ("ink", "nothing")
    ]
    assert [page.status_code for page in pages] == [400, 400]
    said = "Ce modèle n’a pas un tel adaptateur pour vous."
    assert all(said in page.text for page in pages)
    assert not Clip.objects.exists()


@pytest.mark.usefixtures("offered")
def test_an_adapter_taken_away_is_not_rendered_again(
    ada: User, lucien: User, cohort: Cohort
) -> None:
    worn: dict[str, Any] = {"adapter_key": "ink", "adapter_weight": "0.80"}
    shape: dict[str, Any] = {"width": 32, "height": 32, "frames": 9, "steps": 4}
    clip = make_clip(artist=lucien, cohort=cohort, state=ClipState.FAILED, **worn, **shape)

    with pytest.raises(AdapterNotOffered):
        create.run_again(actor=lucien, clip=clip)
    with pytest.raises(AdapterNotOffered):
        create.rerun(actor=lucien, clip=clip, request_id=uuid.uuid4())


@pytest.mark.usefixtures("offered")
def test_the_studio_offers_it_to_its_artist(studio: Client) -> None:
    assert '<option value="ink">Nadia’s ink</option>' in studio.get("/studio/").text

    answer = studio.post(
        "/studio/clips/new/", posted(adapter_key="ink", adapter_weight="7", prompt="a bird")
    )
    assert answer.status_code == 400
    assert "The weight of this adapter lies between 0.0 and 1.5." in answer.text
    assert "a bird</textarea>" in answer.text
    answer = studio.post("/studio/clips/new/", posted(adapter_key="ink", adapter_weight="0.5"))
    assert answer.status_code == 302
    clip = Clip.objects.get()
    assert (clip.adapter_key, clip.adapter_weight) == ("ink", Decimal("0.50"))
    assert "Nadia’s ink × 0.5" in studio.get(f"/studio/clips/{clip.pk}/").text


@pytest.mark.usefixtures("offered")
def test_a_shared_preset_gives_nobody_an_adapter(
    studio: Client, ada: User, lucien: User, cohort: Cohort
) -> None:
    wanted = PresetSettings(
        model_key="starter", size="32x32", frames=9, adapter_key="ink", adapter_weight=Decimal("1")
    )
    preset = presets.save(actor=ada, cohort=cohort, name="Ink", settings=wanted, is_shared=True)
    assert Preset.objects.get().adapter_key == "ink"
    with pytest.raises(AdapterNotOffered):
        presets.save(actor=lucien, cohort=cohort, name="Ink", settings=wanted)

    query = {"preset": preset.pk}
    assert '<option value="ink" selected>' in studio.get("/studio/", query).text
    other = Client()
    other.force_login(lucien)
    assert 'value="ink"' not in other.get("/studio/", query).text


def test_the_database_wants_a_weight_with_an_adapter(ada: User, cohort: Cohort) -> None:
    halves: list[dict[str, Any]] = [{"adapter_key": "ink"}, {"adapter_weight": "0.5"}]
    for worn in halves:
        with pytest.raises(IntegrityError), transaction.atomic():
            make_clip(artist=ada, cohort=cohort, **worn)


@pytest.mark.usefixtures("offered")
def test_an_entry_knows_its_adapters() -> None:
    starter = entry("starter")

    assert [adapter.key for adapter in starter.adapters] == ["ink"]
    assert starter.adapter("paint") is None

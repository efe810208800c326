from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import translation
from pytest_django import Settings

from generation.catalogue import catalogue, entry, offered
from generation.catalogue.entries import read_entry
from generation.catalogue.families import FAMILIES
from generation.errors import CatalogueInvalid, ModelNotOffered
from portal import registry
from portal.config.env import BASE_DIR
from portal.models import Cohort
from tests.generation.tiny import write_entry


def entry_with(tmp_path: Path, **changes: str) -> Path:
    path = tmp_path / "tiny.toml"
    write_entry(path, weights=tmp_path, **changes)
    return path


def test_the_starter_is_on_offer_and_the_production_example_is_off() -> None:
    assert list(catalogue()) == ["starter"]
    example = read_entry(BASE_DIR / "generation" / "catalogue" / "wan-2.1-1.3b.toml")
    assert not example.enabled
    assert example.weights.hub == "Wan-AI/Wan2.1-T2V-1.3B-Diffusers"
    assert len(example.weights.revision) == 40
    assert (example.runtime.dtype, example.runtime.vae_dtype) == ("bfloat16", "float32")


def test_the_starter_renders_on_one_thread() -> None:
    starter = entry("starter").runtime
    assert (starter.cpu_threads, starter.attention, starter.step_cache) == (1, "native", None)


def test_forms_of_the_programme_list_what_is_on_offer() -> None:
    assert list(registry.model_choices()) == [("starter", "Starter")]


def test_an_entry_says_itself_in_both_languages() -> None:
    starter = entry("starter")
    with translation.override("fr"):
        french = starter.description
    assert french.startswith("Un petit modèle")
    assert starter.description.startswith("A small model")


def test_the_estimate_scales_with_what_is_asked(tmp_path: Path) -> None:
    tiny = read_entry(entry_with(tmp_path))
    square, wide = tiny.sizes

    assert tiny.estimate(square, 9, 4) == Decimal("2.000")
    assert tiny.estimate(wide, 9, 8) == Decimal("6.000")


def test_a_cohort_offers_only_what_the_catalogue_has(cohort: Cohort, tiny_catalogue: Path) -> None:
    cohort.models_on_offer = ["gone", "starter"]

    assert [found.key for found in offered(cohort)] == ["starter"]


def test_a_disabled_entry_is_not_on_offer(tmp_path: Path, settings: Settings) -> None:
    entry_with(tmp_path, enabled="enabled = false")
    settings.GENERATION_CATALOGUE = str(tmp_path)

    with pytest.raises(ModelNotOffered):
        entry("tiny")


def test_a_size_the_pipeline_cannot_make_is_offered_where_the_entry_says_it_may_be_cut(
    tmp_path: Path,
) -> None:
    tiny = read_entry(entry_with(tmp_path, sizes='sizes = ["1920x1080"]\ncrop = true'))

    assert [str(size) for size in tiny.sizes] == ["1920x1080"]
    assert FAMILIES["wan"].rendered(1920, 1080) == (1920, 1088)
    assert FAMILIES["wan"].rendered(832, 480) == (832, 480)


@pytest.mark.parametrize(
    ("changes", "field", "problem"),
    [
        ({"title": "title = 3"}, "title", "is 3; say a text"),
        ({"title": ""}, "title", "is missing"),
        ({"pipeline": 'pipeline = "sora"'}, "pipeline", "is 'sora'; say one of wan"),
        ({"enabled": 'enabled = "yes"'}, "enabled", "say true or false"),
        ({"sizes": 'sizes = ["120x128"]'}, "video.sizes", "multiples of 16"),
        ({"sizes": 'sizes = ["big"]'}, "video.sizes", "say sizes like"),
        ({"lengths": "lengths = [16]"}, "video.lengths", "1 + a multiple of 4"),
        ({"fps": "fps = 0"}, "video.fps", "is 0; say 1 to 120"),
        ({"fps": "fps = true"}, "video.fps", "say a whole number"),
        (
            {"steps": "steps = { default = 60, min = 1, max = 50 }"},
            "sampling.steps",
            "its default must lie between min and max",
        ),
        ({"gpu_seconds": "gpu_seconds = 0"}, "gpu_seconds", "say 0.001 to 86400"),
        ({"folder": 'hub = "a/b"'}, "weights.revision", "a commit of 40 hex digits"),
        ({"folder": ""}, "weights.folder", "say either folder or hub"),
        (
            {"pipeline": 'pipeline = "ltx"', "lengths": "lengths = [9, 13]"},
            "video.lengths",
            "holds 13; say 1 + a multiple of 8",
        ),
        (
            {"pipeline": 'pipeline = "ltx"', "lengths": "lengths = [9]"},
            "video.sizes",
            "holds 48x32; both sides must be multiples of 32",
        ),
        (
            {"pipeline": 'pipeline = "wan-image"', "image_input": 'image_input = "none"'},
            "image_input",
            "is 'none'; say one of picture",
        ),
        (
            {
                "pipeline": 'pipeline = "hunyuan-video"',
                "guidance": "guidance = { default = 3, min = 1, max = 8 }\nnegative_prompt = 'x'",
            },
            "sampling.negative_prompt",
            "hunyuan-video takes none",
        ),
        (
            {"runtime": 'runtime = { offload = "disk" }'},
            "runtime.offload",
            "is 'disk'; say one of none, model, sequential",
        ),
        (
            {"runtime": 'runtime = { step_cache = { kind = "magic" } }'},
            "runtime.step_cache.kind",
            "is 'magic'; say one of first_block",
        ),
        (
            {"runtime": "runtime = { cpu_threads = 300 }"},
            "runtime.cpu_threads",
            "is 300; say 0 to 256",
        ),
        ({"runtime": "runtime = { turbo = true }"}, "runtime.turbo", "is not a field"),
        ({"colour": 'colour = "red"'}, "colour", "is not a field of a catalogue entry"),
    ],
)
def test_a_wrong_entry_is_refused_by_file_and_field(
    tmp_path: Path, changes: dict[str, str], field: str, problem: str
) -> None:
    path = entry_with(tmp_path, **changes)

    with pytest.raises(CatalogueInvalid) as caught:
        read_entry(path)

    assert str(caught.value).startswith(f"{path}: {field}: ")
    assert problem in str(caught.value)


def test_what_is_no_toml_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text("title = ")

    with pytest.raises(CatalogueInvalid, match="is not TOML"):
        read_entry(path)


def test_a_missing_folder_is_named(tmp_path: Path, settings: Settings) -> None:
    settings.GENERATION_CATALOGUE = str(tmp_path / "nowhere")

    with pytest.raises(CatalogueInvalid, match="GREENROOM_CATALOGUE"):
        catalogue()

"""Which models stay on the device."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from generation.catalogue import Entry
from generation.catalogue.entries import read_entry
from generation.pipelines.loading import footprint
from generation.worker.warm import WarmModels
from tests.generation.tiny import write_entry

GIB = 2**30


@pytest.fixture(autouse=True)
def _on_cpu(settings: Settings) -> None:
    settings.GENERATION_DEVICE = "cpu"


def entry_of(folder: Path, weights: Path, key: str, *, gib: float = 1) -> Entry:
    path = folder / f"{key}.toml"
    write_entry(path, weights=weights, runtime=f"runtime = {{ memory_gib = {gib} }}")
    return read_entry(path)


def test_the_model_used_longest_ago_makes_room(tmp_path: Path, tiny_weights: Path) -> None:
    a, b, c = (entry_of(tmp_path, tiny_weights, key) for key in "abc")
    models = WarmModels(budget=2 * GIB)

    first = models.get(a)
    models.get(b)
    assert models.get(a) is first
    models.get(c)

    assert models.keys == ("a", "c")
    assert models.get(a) is first


def test_a_large_model_is_held_alone(tmp_path: Path, tiny_weights: Path) -> None:
    a, b = (entry_of(tmp_path, tiny_weights, key) for key in "ab")
    large = entry_of(tmp_path, tiny_weights, "large", gib=80)
    models = WarmModels(budget=2 * GIB)

    for wanted in (a, b, large):
        models.get(wanted)
    assert models.keys == ("large",)
    models.get(a)
    assert models.keys == ("a",)


def test_without_a_budget_only_the_last_model_stays(tmp_path: Path, tiny_weights: Path) -> None:
    models = WarmModels(budget=0)

    for key in "ab":
        models.get(entry_of(tmp_path, tiny_weights, key))

    assert models.keys == ("b",)


def test_an_entry_that_changed_is_loaded_again(tmp_path: Path, tiny_weights: Path) -> None:
    models = WarmModels(budget=4 * GIB)
    first = models.get(entry_of(tmp_path, tiny_weights, "a"))

    again = models.get(entry_of(tmp_path, tiny_weights, "a", gib=2))

    assert again is not first
    assert models.keys == ("a",)


def test_what_an_entry_does_not_say_is_the_size_of_its_files(
    tmp_path: Path, tiny_weights: Path
) -> None:
    path = tmp_path / "plain.toml"
    write_entry(path, weights=tiny_weights)

    files = sum(file.stat().st_size for file in tiny_weights.rglob("*.safetensors"))
    assert footprint(read_entry(path)) == files
    assert footprint(entry_of(tmp_path, tiny_weights, "a", gib=0.5)) == GIB // 2

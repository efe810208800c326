"""Options of a catalogue entry: refused before any weights are read, or applied to the model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from pytest_django import Settings

from generation.catalogue.entries import read_entry
from generation.errors import CatalogueInvalid
from generation.pipelines.base import Job, LoadedModel
from generation.pipelines.checking import check
from generation.pipelines.loading import load
from generation.pipelines.ltx import LtxModel
from generation.worker import loop
from tests.generation.tiny import write_entry

JOB = Job(prompt="a boat", width=32, height=32, frames=5, steps=8, guidance=3.0, seed=1)


def frames(model: LoadedModel) -> Any:
    return np.asarray(model.render(JOB, lambda step: None))


def path_with(folder: Path, family: str, runtime: str, **changes: str) -> Path:
    path = folder / "tiny.toml"
    write_entry(
        path,
        weights=folder / "nowhere",
        pipeline=f'pipeline = "{family}"',
        runtime=f"runtime = {{ {runtime} }}",
        sizes='sizes = ["32x32"]',
        lengths="lengths = [9]",
        **changes,
    )
    return path


@pytest.mark.parametrize(
    ("family", "runtime", "field", "problem"),
    [
        ("wan", 'attention = "warp"', "runtime.attention", "is 'warp'; say one of _flash_3, "),
        ("wan", 'attention = "sage"', "runtime.attention", "missing package"),
        ("cogvideox", 'attention = "_native_math"', "runtime.attention", "cannot change"),
        ("cogvideox", "compile = true", "runtime.compile", "names no blocks to compile"),
        (
            "wan-video",
            'step_cache = { kind = "first_block" }',
            "runtime.step_cache",
            "WanVideoToVideoPipeline cannot use one",
        ),
    ],
)
def test_what_the_libraries_lack_is_refused_by_file_and_field(
    tmp_path: Path, family: str, runtime: str, field: str, problem: str
) -> None:
    path = path_with(tmp_path, family, runtime, enabled="enabled = false")

    with pytest.raises(CatalogueInvalid) as caught:
        check(read_entry(path))

    assert str(caught.value).startswith(f"{path}: {field}: ")
    assert problem in str(caught.value)


def test_a_class_that_is_not_installed_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = path_with(tmp_path, "ltx", "")
    monkeypatch.setattr(LtxModel, "pipeline_class", "LTXPipelineOfTomorrow")

    with pytest.raises(CatalogueInvalid) as caught:
        check(read_entry(path))

    problem = "the installed diffusers has no LTXPipelineOfTomorrow"
    assert str(caught.value) == f"{path}: pipeline: {problem}"


def test_a_worker_does_not_start_with_an_entry_it_cannot_run(
    tmp_path: Path, settings: Settings
) -> None:
    """Its weights are missing too, and are not looked for."""
    path = path_with(tmp_path, "wan", 'attention = "warp"')
    settings.GENERATION_CATALOGUE = str(tmp_path)

    with pytest.raises(SystemExit) as caught:
        loop.start(name="gpu@test")

    assert f"{path}: runtime.attention: is 'warp'" in str(caught.value.code)


def entry_of(folder: Path, weights: Path, runtime: str) -> Any:
    path = folder / "tiny.toml"
    write_entry(path, weights=weights, runtime=f"runtime = {{ {runtime} }}")
    return read_entry(path)


# Compiling loads parts of torch that use what torch itself has deprecated.
@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
def test_options_reach_the_model_and_its_manifest(
    tmp_path: Path, tiny_weights: Path, settings: Settings
) -> None:
    settings.GENERATION_DEVICE = "cpu"
    runtime = (
        'attention = "_native_math", vae_tiling = true, vae_slicing = true, cpu_threads = 1, '
        'compile = true, step_cache = { kind = "first_block", threshold = 0.2 }'
    )
    model: Any = load(entry_of(tmp_path, tiny_weights, runtime))

    transformer, vae = model._pipe.transformer, model._pipe.vae
    assert {block.attn1.processor._attention_backend for block in transformer.blocks} == {
        "_native_math"
    }
    assert all(block._compiled_call_impl is not None for block in transformer.blocks)
    assert (vae.use_tiling, vae.use_slicing, transformer.is_cache_enabled) == (True, True, True)
    assert model.facts == {
        "pipeline_class": "WanPipeline",
        "attention": "_native_math",
        "compiled": True,
        "step_cache": {"kind": "first_block", "threshold": "0.2"},
        "offload": "none",
        "vae_tiling": True,
        "vae_slicing": True,
        "max_sequence_length": 16,
        "threads": 1,
    }


def test_a_step_cache_leaves_nothing_for_the_next_clip(
    tmp_path: Path, tiny_weights: Path, settings: Settings
) -> None:
    settings.GENERATION_DEVICE = "cpu"
    plain = frames(load(entry_of(tmp_path, tiny_weights, "")))
    cache = 'step_cache = { kind = "first_block", threshold = 1.0 }'
    model = load(entry_of(tmp_path, tiny_weights, cache))
    cached = frames(model)

    def stop(step: int) -> None:
        if step == 2:
            raise CatalogueInvalid

    with pytest.raises(CatalogueInvalid):
        model.render(JOB, stop)

    assert np.array_equal(frames(model), cached)
    assert not np.array_equal(cached, plain)


def test_threads_are_those_of_the_entry(
    tmp_path: Path, tiny_weights: Path, settings: Settings
) -> None:
    settings.GENERATION_DEVICE = "cpu"
    before = torch.get_num_threads()
    seen: list[int] = []
    try:
        model = load(entry_of(tmp_path, tiny_weights, "cpu_threads = 1"))
        torch.set_num_threads(2)
        model.render(JOB, lambda step: seen.append(torch.get_num_threads()))
    finally:
        torch.set_num_threads(before)

    assert seen == [1] * 8

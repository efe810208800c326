"""LoRA adapters with the real classes and random weights: worn for one render, then gone."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytest_django import Settings

from generation.catalogue import Entry
from generation.catalogue.entries import read_entry
from generation.errors import (
    AdapterChanged,
    AdapterMisfit,
    AdapterUnavailable,
    CatalogueInvalid,
    ReplayRefused,
)
from generation.models import Clip
from generation.pipelines.base import Job, LoadedModel
from generation.pipelines.loading import check_all, load
from generation.services.attempts import settings_digest
from generation.states import ClipState
from generation.worker import replay as replays
from generation.worker.loop import GpuWorker
from generation.worker.replay import replay
from generation.worker.stop import Reason, StopRender
from portal.models import Cohort, User
from tests.factories.generation import make_clip
from tests.generation.tiny import adapter_lines, save_tiny, save_tiny_adapter, write_entry


def offer(folder: Path, settings: Settings, *, family: str = "wan", **changes: Any) -> Path:
    """An entry with the adapter ``ink``; *changes* as for ``save_tiny_adapter``."""
    save_tiny(family, folder / "weights")
    ink = folder / "adapters" / "ink.safetensors"
    sha256 = save_tiny_adapter(folder / "weights", ink, **changes)
    path = folder / "tiny.toml"
    write_entry(
        path,
        weights=folder / "weights",
        pipeline=f'pipeline = "{family}"',
        sizes='sizes = ["64x32"]',
        lengths="lengths = [9]",
    )
    path.write_text(path.read_text() + "\n" + adapter_lines(ink, sha256), encoding="utf-8")
    settings.GENERATION_CATALOGUE = str(folder)
    settings.GENERATION_DEVICE = "cpu"
    return path


def job(**changes: Any) -> Job:
    shape = {"prompt": "a red boat", "width": 64, "height": 32, "frames": 9, "steps": 2}
    return Job(**{**shape, "guidance": 3.0, "seed": 1, **changes})


def render(
    model: LoadedModel, on_step: Callable[[int], None] = lambda step: None, **asked: Any
) -> Any:
    return model.render(job(**asked), on_step)


def ink(weight: float) -> dict[str, Any]:
    return {"adapter_key": "ink", "adapter_weight": weight}


@pytest.mark.parametrize("family", ["wan", "ltx", "cogvideox", "hunyuan-video"])
def test_a_render_after_an_adapter_is_as_one_before_it(
    tmp_path: Path, settings: Settings, family: str
) -> None:
    model = load(read_entry(offer(tmp_path, settings, family=family)))

    before = render(model)
    worn = render(model, **ink(0.8))
    after = render(model)
    again = render(model, **ink(0.8))

    assert np.array_equal(before, after)
    assert np.array_equal(worn, again)
    assert not np.array_equal(before, worn)


def test_weights_decide_and_a_weight_of_zero_changes_nothing(
    tmp_path: Path, settings: Settings
) -> None:
    model = load(read_entry(offer(tmp_path, settings)))
    before = render(model)

    assert np.array_equal(render(model, **ink(0.0)), before)
    assert not np.array_equal(render(model, **ink(0.4)), render(model, **ink(1.2)))


def test_a_cancelled_render_leaves_no_adapter_behind(tmp_path: Path, settings: Settings) -> None:
    model = load(read_entry(offer(tmp_path, settings)))
    before = render(model)

    def stop(step: int) -> None:
        raise StopRender(Reason.CANCELLED)

    with pytest.raises(StopRender):
        render(model, stop, **ink(0.8))

    assert np.array_equal(render(model), before)


def refusal(model: LoadedModel) -> str:
    """What a refused render says to the log; it must not have reached a step."""
    steps: list[int] = []
    with pytest.raises((AdapterChanged, AdapterMisfit, AdapterUnavailable)) as caught:
        render(model, steps.append, **ink(0.8))
    assert steps == []
    return f"{caught.value.code}: {caught.value.__cause__}"


def with_file(entry: Entry, path: Path, *, pinned: bool = True) -> Entry:
    """*entry* with another file for its adapter; its own digest when *pinned*."""
    [adapter] = entry.adapters
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest() if pinned else adapter.sha256
    return replace(entry, adapters=(replace(adapter, file=path, sha256=sha256),))


def test_other_bytes_or_another_shape_are_refused_before_any_step(
    tmp_path: Path, settings: Settings
) -> None:
    entry = read_entry(offer(tmp_path, settings))
    model = load(entry)
    wide = tmp_path / "adapters" / "wide.safetensors"
    save_tiny_adapter(tmp_path / "weights", wide, wider=8)
    junk = tmp_path / "adapters" / "junk.safetensors"
    junk.write_bytes(b"not a tensor")

    model.entry = with_file(entry, wide, pinned=False)
    assert refusal(model).startswith("adapter_changed: ")
    model.entry = with_file(entry, wide)
    assert refusal(model).endswith("is made for 32 channels, the model has 24")
    model.entry = with_file(entry, junk)
    assert "cannot be read as an adapter" in refusal(model)
    model.entry = replace(entry, adapters=())
    assert refusal(model) == "adapter_unavailable: None"
    model.entry = entry
    (tmp_path / "adapters" / "ink.safetensors").unlink()
    assert refusal(model).startswith("adapter_unavailable: ")
    assert render(model).shape == (9, 32, 64, 3)


@pytest.mark.parametrize(
    ("made_for", "changes", "problem"),
    [
        ("wan", {"wider": 8}, "is made for 32 channels, the model has 24"),
        ("ltx", {}, "the model has no layer for transformer.transformer_blocks.0.attn1.to_q"),
    ],
)
def test_a_worker_does_not_start_with_an_adapter_that_does_not_fit(
    tmp_path: Path, settings: Settings, made_for: str, changes: dict[str, Any], problem: str
) -> None:
    path = offer(tmp_path, settings)
    save_tiny(made_for, tmp_path / "other")
    other = tmp_path / "other.safetensors"
    save_tiny_adapter(tmp_path / "other", other, **changes)
    entry = read_entry(path)
    check_all([entry])

    with pytest.raises(CatalogueInvalid) as caught:
        check_all([with_file(entry, other)])

    assert str(caught.value).startswith(f"{path}: adapters.ink.file: ")
    assert problem in str(caught.value)


def test_a_worker_does_not_start_with_other_bytes(tmp_path: Path, settings: Settings) -> None:
    entry = read_entry(offer(tmp_path, settings))
    file = tmp_path / "adapters" / "ink.safetensors"
    file.write_bytes(file.read_bytes() + b" ")

    with pytest.raises(CatalogueInvalid, match=r"adapters\.ink\.file: .* the catalogue says"):
        check_all([entry])
    file.unlink()
    with pytest.raises(CatalogueInvalid, match=r"adapters\.ink\.file: .*No such file"):
        check_all([entry])


@pytest.mark.django_db(transaction=True)
def test_a_clip_with_an_adapter_says_so_and_can_be_made_again(
    tmp_path: Path,
    settings: Settings,
    ada: User,
    cohort: Cohort,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entry = read_entry(offer(tmp_path, settings))
    settings.MEDIA_ROOT = tmp_path / "media"
    shape: dict[str, Any] = {
        "model_key": "tiny",
        "width": 64,
        "height": 32,
        "frames": 9,
        "steps": 2,
    }
    clip = make_clip(artist=ada, cohort=cohort, adapter_key="ink", adapter_weight="0.75", **shape)
    plain = make_clip(artist=ada, cohort=cohort, **shape)
    lost = make_clip(artist=ada, cohort=cohort, adapter_key="gone", adapter_weight="1", **shape)

    assert GpuWorker(name="gpu@test").render_until_empty() == 3

    for made in (clip, plain, lost):
        made.refresh_from_db()
    assert (clip.state, clip.error_message) == (ClipState.READY, "")
    assert clip.manifest["adapters"] == [
        {
            "key": "ink",
            "title": "Nadia’s ink",
            "sha256": entry.adapters[0].sha256,
            "weight": "0.75",
        }
    ]
    assert plain.manifest["adapters"] == []
    assert clip.manifest["frames_sha256"] != plain.manifest["frames_sha256"]
    bare = Clip.objects.get(pk=clip.pk)
    bare.manifest = {**clip.manifest, "adapters": []}
    assert settings_digest(clip) == clip.settings_sha256 != settings_digest(bare)
    assert (lost.state, lost.error_code) == (ClipState.FAILED, "adapter_unavailable")
    assert replay(clip).frames_agree

    monkeypatch.setattr(replays, "every_entry", lambda: {"tiny": replace(entry, adapters=())})
    with pytest.raises(ReplayRefused, match="it was made with the adapter ink of"):
        replay(clip)

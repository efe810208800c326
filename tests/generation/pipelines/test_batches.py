"""Several clips in one call of each family that can."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytest_django import Settings

from generation.catalogue.entries import read_entry
from generation.catalogue.families import FAMILIES
from generation.errors import CatalogueInvalid
from generation.pipelines.loading import load
from tests.generation.pipelines.test_families import job, offer
from tests.generation.tiny import write_entry

BATCHING = sorted(key for key, family in FAMILIES.items() if family.batches)


def test_families_that_start_from_a_prompt_alone_can() -> None:
    assert BATCHING == ["cogvideox", "hunyuan-video", "ltx", "wan"]


@pytest.mark.parametrize("family", BATCHING)
def test_a_batch_is_what_each_clip_would_be_alone(
    tmp_path: Path, settings: Settings, family: str
) -> None:
    model = load(read_entry(offer(tmp_path, family, settings)))
    jobs = [job(), job(prompt="a blue bird on a sea"), job(seed=2)]
    steps: list[int] = []

    batch = [np.asarray(frames) for frames in model.render_batch(jobs, steps.append)]

    assert steps == [1, 2, 3]
    for one, together in zip(jobs, batch, strict=True):
        alone = np.asarray(model.render(one, lambda step: None))
        assert np.abs(alone.astype(np.int16) - together.astype(np.int16)).max() <= 1
    assert not np.array_equal(batch[0], batch[1])
    assert not np.array_equal(batch[0], batch[2])


@pytest.mark.parametrize(
    ("family", "most", "problem"),
    [
        ("wan-image", 2, "wan-image renders one clip a call"),
        ("wan-video", 2, "wan-video renders one clip a call"),
        ("wan", 0, "is 0; say 1 to 16"),
        ("wan", 17, "is 17; say 1 to 16"),
    ],
)
def test_a_batch_that_cannot_be_is_refused_by_file_and_field(
    tmp_path: Path, family: str, most: int, problem: str
) -> None:
    path = tmp_path / "tiny.toml"
    values: dict[str, Any] = {"sizes": 'sizes = ["64x32"]', "lengths": "lengths = [9]"}
    write_entry(
        path,
        weights=tmp_path,
        pipeline=f'pipeline = "{family}"',
        runtime=f"runtime = {{ max_batch = {most} }}",
        **values,
    )

    with pytest.raises(CatalogueInvalid) as caught:
        read_entry(path)

    assert str(caught.value) == f"{path}: runtime.max_batch: {problem}"

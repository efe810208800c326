"""The short form of ``python -m bench.long_clip``: the model it renders with, in small."""

from __future__ import annotations

from pathlib import Path

import av
from pytest_django import Settings

from bench.wan import TINY, save_wan, write_entry
from generation.catalogue.entries import read_entry
from generation.media.files import make_files
from generation.pipelines.base import Job
from generation.pipelines.loading import load


def test_the_benchs_model_gives_exactly_the_size_it_is_asked_for(
    tmp_path: Path, settings: Settings
) -> None:
    save_wan(TINY, tmp_path / "weights")
    write_entry(
        tmp_path / "long.toml",
        weights=tmp_path / "weights",
        size="192x120",
        frames=9,
        fps=24,
        steps=1,
    )
    settings.GENERATION_DEVICE = "cpu"
    model = load(read_entry(tmp_path / "long.toml"))

    made = make_files(
        model.render(
            Job(prompt="a boat", width=192, height=120, frames=9, steps=1, guidance=1.0, seed=1),
            lambda step: None,
        ),
        fps=24,
        artist="Ada Okafor",
        short_id="3F2A9C1B",
        language="en",
        folder=tmp_path,
    )

    with av.open(str(made.paths["original"])) as container:
        sizes = [(frame.width, frame.height) for frame in container.decode(video=0)]
    assert sizes == [(192, 120)] * 9

"""The short form of ``python -m bench.long_clip``: half a second, without the portal."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pytest_django import Settings

from bench.memory import added_at_most
from bench.wan import TINY, save_wan, write_entry
from generation.catalogue.entries import read_entry
from generation.media.decode import last_frame
from generation.media.files import make_files
from generation.pipelines.base import Job
from generation.pipelines.loading import load

FRAMES = 13


def test_what_a_block_adds_is_its_highest_point_not_its_end() -> None:
    with added_at_most() as peak:
        block = np.ones(64 * 2**20, np.uint8)
        del block

    assert 64 <= peak.mib < 96


def test_half_a_second_of_1080p_adds_less_than_its_frames_as_floats(
    tmp_path: Path, settings: Settings
) -> None:
    save_wan(TINY, tmp_path / "weights")
    write_entry(
        tmp_path / "long.toml",
        weights=tmp_path / "weights",
        size="1920x1080",
        frames=FRAMES,
        fps=24,
        steps=1,
    )
    settings.GENERATION_DEVICE = "cpu"
    model = load(read_entry(tmp_path / "long.toml"))
    job = Job(
        prompt="a boat", width=1920, height=1080, frames=FRAMES, steps=1, guidance=1.0, seed=1
    )

    with added_at_most() as peak:
        made = make_files(
            model.render(job, lambda step: None),
            fps=24,
            artist="Ada Okafor",
            short_id="3F2A9C1B",
            language="en",
            folder=tmp_path,
        )

    with made.paths["original"].open("rb") as file:
        assert last_frame(file).shape == (1080, 1920, 3)
    # Held together they are a tensor, diffusers' array of floats and ours of 8 bits.
    together = FRAMES * 1080 * 1920 * 3 * (4 + 4 + 1) // 2**20
    assert peak.mib < together

"""Frames decoded while they are read are those that the pipeline would have given together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from pytest_django import Settings

from generation.catalogue.entries import read_entry
from generation.errors import OutOfMemory, RenderError
from generation.pipelines.base import Job
from generation.pipelines.decoding import latents_of
from generation.pipelines.loading import load
from tests.generation.tiny import save_tiny, write_entry

WIDTH, HEIGHT, FRAMES = 64, 32, 17


def tiny(
    folder: Path, settings: Settings, family: str, *, runtime: str = "", size: str = "64x32"
) -> Any:
    save_tiny(family, folder / "weights")
    write_entry(
        folder / "tiny.toml",
        weights=folder / "weights",
        pipeline=f'pipeline = "{family}"',
        runtime=f"runtime = {{ {runtime} }}",
        sizes=f'sizes = ["{size}"]\ncrop = true',
        lengths=f"lengths = [{FRAMES}]",
    )
    settings.GENERATION_DEVICE = "cpu"
    return load(read_entry(folder / "tiny.toml"))


def job(**changes: Any) -> Job:
    shape = {"width": WIDTH, "height": HEIGHT, "frames": FRAMES, "steps": 2}
    return Job(prompt="a red boat", guidance=3.0, seed=1, **{**shape, **changes})


def from_the_pipeline(model: Any, wanted: Job) -> Any:
    """What diffusers answers by itself, in 8 bits."""
    output = model._pipe(**model._arguments(wanted), output_type="np").frames[0]
    return (np.asarray(output).clip(0.0, 1.0) * 255.0).round().astype(np.uint8)


def counted(model: Any) -> list[int]:
    """Calls of the autoencoder's decoder so far."""
    calls: list[int] = []
    model._pipe.vae.decoder.register_forward_hook(lambda *_seen: calls.append(1))
    return calls


@pytest.mark.parametrize("family", ["wan", "wan-image", "wan-video", "ltx", "cogvideox"])
def test_frames_are_bit_for_bit_those_of_the_pipeline(
    tmp_path: Path, settings: Settings, family: str
) -> None:
    model = tiny(tmp_path, settings, family)
    source = np.random.default_rng(1).integers(0, 256, (5, 40, 40, 3), np.uint8)
    wanted = job(picture=source[0], source_frames=source)

    frames = model.render(wanted, lambda step: None)

    assert frames.shape == (FRAMES, HEIGHT, WIDTH, 3)
    assert np.array_equal(np.asarray(frames), from_the_pipeline(model, wanted))


def test_hunyuan_video_decodes_as_the_pipeline_does(tmp_path: Path, settings: Settings) -> None:
    model = tiny(tmp_path, settings, "hunyuan-video")

    frames = np.asarray(model.render(job(frames=9), lambda step: None))

    assert np.array_equal(frames, from_the_pipeline(model, job(frames=9)))


@pytest.mark.parametrize(("family", "calls"), [("wan", [1, 2, 2, 2, 2, 3]), ("cogvideox", [1] * 6)])
def test_a_frame_is_decoded_when_it_is_asked_for(
    tmp_path: Path, settings: Settings, family: str, calls: list[int]
) -> None:
    model = tiny(tmp_path, settings, family)
    done = counted(model)

    frames = iter(model.render(job(), lambda step: None))

    assert done == []
    seen = []
    for _ in range(6):
        next(frames)
        seen.append(len(done))
    assert seen == calls


def test_tiles_are_decoded_over_the_whole_length(tmp_path: Path, settings: Settings) -> None:
    model = tiny(tmp_path, settings, "wan", runtime="vae_tiling = true")
    model._pipe.vae.enable_tiling(32, 32, 16, 16)
    done = counted(model)

    frames = model.render(job(), lambda step: None)

    first = next(iter(frames))
    # Two rows of four tiles, five latent frames each.
    assert len(done) == 2 * 4 * 5
    rest = np.asarray(frames)
    assert np.array_equal(np.stack([first, *rest]), from_the_pipeline(model, job()))


def test_a_clip_of_a_batch_is_decoded_by_itself(tmp_path: Path, settings: Settings) -> None:
    model = tiny(tmp_path, settings, "wan")
    arguments = model._arguments(job())
    two = {
        **arguments,
        "prompt": ["a red boat", "a blue bird"],
        "generator": [torch.Generator("cpu").manual_seed(seed) for seed in (1, 2)],
    }
    together = latents_of(model._pipe, two)
    arguments["generator"].manual_seed(1)
    alone = latents_of(model._pipe, arguments)

    assert (together.z.shape[0], alone.z.shape[0]) == (2, 1)
    assert torch.allclose(together.z[:1], alone.z, atol=1e-4)
    first, second = (
        np.asarray(model._stream(together, index, job())).astype(int) for index in (0, 1)
    )
    whole = np.asarray(model._stream(alone, 0, job())).astype(int)
    assert np.abs(first - whole).max() <= 1
    assert np.abs(second - whole).max() > 1


def test_a_size_that_the_pipeline_cannot_make_is_cut_from_the_middle(
    tmp_path: Path, settings: Settings
) -> None:
    model = tiny(tmp_path, settings, "wan", size="60x30")
    wanted = job(width=60, height=30)

    frames = np.asarray(model.render(wanted, lambda step: None))

    assert frames.shape == (FRAMES, 30, 60, 3)
    assert np.array_equal(frames, from_the_pipeline(model, wanted)[:, 1:31, 2:62])


def test_the_autoencoder_is_left_as_it_was(tmp_path: Path, settings: Settings) -> None:
    model = tiny(tmp_path, settings, "wan")

    def stop(step: int) -> None:
        raise OutOfMemory

    with pytest.raises(OutOfMemory):
        model.render(job(), stop)
    assert "decode" not in vars(model._pipe.vae)
    model.render(job(), lambda step: None)
    assert "decode" not in vars(model._pipe.vae)


@pytest.mark.parametrize(
    ("raised", "told"),
    [
        (torch.OutOfMemoryError("CUDA out of memory"), OutOfMemory),
        (RuntimeError("shapes do not match"), RenderError),
    ],
)
def test_an_accident_while_decoding_has_its_type(
    tmp_path: Path, settings: Settings, raised: Exception, told: type[RenderError]
) -> None:
    model = tiny(tmp_path, settings, "wan")

    def break_down(*_seen: Any) -> None:
        raise raised

    frames = model.render(job(), lambda step: None)
    model._pipe.vae.decoder.register_forward_pre_hook(break_down)

    with pytest.raises(RenderError) as caught:
        next(iter(frames))

    assert type(caught.value) is told

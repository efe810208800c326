"""Each family's real classes with random weights, through the worker or, with input, the model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image
from pytest_django import Settings

from generation.catalogue import catalogue
from generation.catalogue.entries import read_entry
from generation.catalogue.families import FAMILIES
from generation.errors import InputMissing, RenderError
from generation.media import store
from generation.media.files import encode_original
from generation.models import Clip
from generation.pipelines.base import Job, LoadedModel
from generation.pipelines.loading import load
from generation.pipelines.registry import CLASSES
from generation.pipelines.wan import schedule_for
from generation.services import pictures
from generation.services.attempts import settings_digest
from generation.states import ClipState
from generation.worker.loop import GpuWorker
from generation.worker.replay import replay
from portal.models import Cohort, User
from tests.factories.generation import make_clip, make_ready_clip
from tests.generation.tiny import save_tiny, write_entry
from tests.generation.uploads import encoded, png, upload


def offer(folder: Path, family: str, settings: Settings, *, enabled: bool = True) -> Path:
    save_tiny(family, folder / "weights")
    path = folder / "tiny.toml"
    write_entry(
        path,
        weights=folder / "weights",
        pipeline=f'pipeline = "{family}"',
        enabled=f"enabled = {str(enabled).lower()}",
        sizes='sizes = ["64x32"]',
        lengths="lengths = [9]",
    )
    settings.GENERATION_CATALOGUE = str(folder)
    settings.GENERATION_DEVICE = "cpu"
    return path


def test_every_family_has_its_class() -> None:
    assert set(CLASSES) == set(FAMILIES)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("family", ["ltx", "cogvideox", "hunyuan-video"])
def test_a_clip_of_each_family_becomes_a_playable_one(
    tmp_path: Path, settings: Settings, ada: User, cohort: Cohort, family: str
) -> None:
    offer(tmp_path, family, settings)
    clip = make_clip(
        artist=ada,
        cohort=cohort,
        model_key="tiny",
        prompt="a red boat",
        width=64,
        height=32,
        frames=9,
        steps=3,
    )

    assert list(catalogue()) == ["tiny"]
    assert GpuWorker(name="gpu@test").render_until_empty() == 1

    clip.refresh_from_db()
    assert (clip.state, clip.step, clip.error_message) == (ClipState.READY, 3, "")
    assert clip.manifest["pipeline"] == family
    with store.open_variant(clip, "original") as file, av.open(file, "r") as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert [frame.shape for frame in frames] == [(32, 64, 3)] * 9


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("family", "kind"), [("wan-image", "picture"), ("wan-video", "video")])
def test_a_clip_that_starts_from_another_says_so_and_can_be_made_again(
    tmp_path: Path, settings: Settings, ada: User, cohort: Cohort, family: str, kind: str
) -> None:
    offer(tmp_path, family, settings)
    settings.MEDIA_ROOT = tmp_path / "media"
    video = tmp_path / "source.mp4"
    encode_original(noise(9, 32, 64, 3, seed=1), fps=8, path=video)
    source = make_ready_clip(artist=ada, cohort=cohort, content=video.read_bytes())
    shape: dict[str, Any] = {
        "model_key": "tiny",
        "width": 64,
        "height": 32,
        "frames": 9,
        "steps": 3,
    }
    clip = make_clip(artist=ada, cohort=cohort, source=source, **shape)
    orphan = make_clip(artist=ada, cohort=cohort, **shape)

    assert GpuWorker(name="gpu@test").render_until_empty() == 2

    clip.refresh_from_db()
    assert (clip.state, clip.step, clip.error_message) == (ClipState.READY, 3, "")
    assert clip.manifest["input"] == {
        "kind": kind,
        "clip": str(source.pk),
        "sha256": source.sha256,
        "strength": "0.8",
    }
    without = Clip(**{name: getattr(clip, name) for name in _DIGESTED})
    without.manifest = {**clip.manifest, "input": None}
    assert settings_digest(clip) == clip.settings_sha256 != settings_digest(without)
    again = replay(clip)
    assert (again.frames_agree, again.differences) == (True, ())
    orphan.refresh_from_db()
    assert (orphan.state, orphan.error_code) == (ClipState.FAILED, "input_missing")


@pytest.mark.django_db(transaction=True)
def test_a_clip_that_starts_from_a_brought_picture_says_so_and_can_be_made_again(
    tmp_path: Path, settings: Settings, ada: User, cohort: Cohort
) -> None:
    offer(tmp_path, "wan-image", settings)
    settings.MEDIA_ROOT = tmp_path / "media"
    picture = pictures.keep(
        actor=ada, upload=upload(encoded(Image.fromarray(noise(40, 50, 3, seed=1))))
    )
    other = pictures.keep(actor=ada, upload=upload(png()))
    shape: dict[str, Any] = {
        "model_key": "tiny",
        "width": 64,
        "height": 32,
        "frames": 9,
        "steps": 2,
    }
    clip = make_clip(artist=ada, cohort=cohort, start_picture=picture, **shape)
    different = make_clip(artist=ada, cohort=cohort, start_picture=other, **shape)
    spoilt = pictures.keep(actor=ada, upload=upload(png((1, 2, 3))))
    lost = make_clip(artist=ada, cohort=cohort, start_picture=spoilt, **shape)
    Path(spoilt.file.path).write_bytes(Path(other.file.path).read_bytes())

    assert GpuWorker(name="gpu@test").render_until_empty() == 3

    for made in (clip, different, lost):
        made.refresh_from_db()
    assert (clip.state, clip.error_message) == (ClipState.READY, "")
    assert clip.manifest["input"] == {
        "kind": "picture",
        "picture": str(picture.pk),
        "sha256": picture.sha256,
        "strength": "0.8",
    }
    assert clip.manifest["frames_sha256"] != different.manifest["frames_sha256"]
    assert clip.settings_sha256 != different.settings_sha256
    assert (lost.state, lost.error_code) == (ClipState.FAILED, "input_missing")
    assert replay(clip).frames_agree


_DIGESTED = (
    *("prompt", "model_key", "width", "height", "frames", "fps", "steps", "guidance", "seed"),
)


def job(**changes: Any) -> Job:
    shape = {"prompt": "a red boat", "width": 64, "height": 32, "frames": 9, "steps": 3}
    return Job(**{**shape, "guidance": 3.0, "seed": 1, **changes})


def steps_and_frames(model: LoadedModel, wanted: Job) -> tuple[list[int], Any]:
    steps: list[int] = []
    return steps, np.asarray(model.render(wanted, steps.append))


def noise(*shape: int, seed: int) -> Any:
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


def test_a_picture_is_where_the_clip_begins(tmp_path: Path, settings: Settings) -> None:
    model = load(read_entry(offer(tmp_path, "wan-image", settings, enabled=False)))
    picture, other = noise(50, 40, 3, seed=1), noise(50, 40, 3, seed=2)

    steps, frames = steps_and_frames(model, job(picture=picture))
    _, again = steps_and_frames(model, job(picture=picture))
    _, different = steps_and_frames(model, job(picture=other))

    assert (steps, frames.shape) == ([1, 2, 3], (9, 32, 64, 3))
    assert np.array_equal(frames, again)
    assert not np.array_equal(frames, different)
    with pytest.raises(InputMissing):
        model.render(job(), lambda step: None)


def test_a_video_is_made_anew_in_exactly_the_steps_asked_for(
    tmp_path: Path, settings: Settings
) -> None:
    model = load(read_entry(offer(tmp_path, "wan-video", settings, enabled=False)))
    source = noise(5, 40, 40, 3, seed=1)

    steps, frames = steps_and_frames(model, job(source_frames=source))
    _, different = steps_and_frames(model, job(source_frames=noise(5, 40, 40, 3, seed=2)))

    assert (steps, frames.shape) == ([1, 2, 3], (9, 32, 64, 3))
    assert not np.array_equal(frames, different)
    with pytest.raises(InputMissing):
        model.render(job(source_frames=source[:0]), lambda step: None)


def test_cogvideox_gives_more_frames_than_asked_for_where_the_catalogue_refuses_a_length(
    tmp_path: Path, settings: Settings
) -> None:
    model = load(read_entry(offer(tmp_path, "cogvideox", settings)))

    with pytest.raises(RenderError) as caught:
        np.asarray(model.render(job(frames=5), lambda step: None))

    problem = "the pipeline gave frame 6 of (32, 64, 3), not (5, 32, 64, 3)"
    assert str(caught.value.__cause__) == problem
    assert not FAMILIES["cogvideox"].frames_fit(5)


@pytest.mark.parametrize("strength", [0.05, 0.3, 0.8, 0.95, 1.0])
def test_a_schedule_holds_exactly_the_steps_asked_for(strength: float) -> None:
    for steps in range(1, 61):
        schedule = schedule_for(steps, strength)
        assert min(int(schedule * strength), schedule) == steps

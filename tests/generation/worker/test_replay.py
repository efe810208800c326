"""A clip made again from its manifest."""

from __future__ import annotations

import hashlib
import io
import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from pytest_django import Settings

from generation.models import Clip
from generation.worker.loop import GpuWorker
from portal.models import Cohort, User
from tests.factories.generation import make_clip, make_ready_clip
from tests.generation.tiny import write_entry

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True)
class Scene:
    """A finished clip, and the folders of the catalogue and of the weights it was made with."""

    clip: Clip
    catalogue: Path
    weights: Path


@pytest.fixture
def scene(
    ada: User, cohort: Cohort, tiny_weights: Path, tmp_path: Path, settings: Settings
) -> Scene:
    copy = tmp_path / "weights"
    shutil.copytree(tiny_weights, copy)
    folder = tmp_path / "first"
    _offer(folder, copy, settings, runtime="cpu_threads = 1, vae_tiling = true")
    clip = make_clip(artist=ada, cohort=cohort, width=32, height=32, frames=5, steps=2)
    assert GpuWorker(name="gpu@test").render_until_empty() == 1
    clip.refresh_from_db()
    return Scene(clip, folder, copy)


def _offer(folder: Path, weights: Path, settings: Settings, runtime: str = "") -> None:
    folder.mkdir()
    write_entry(folder / "starter.toml", weights=weights, runtime=f"runtime = {{ {runtime} }}")
    settings.GENERATION_CATALOGUE = str(folder)
    settings.GENERATION_DEVICE = "cpu"


def said(clip: Clip, **options: object) -> str:
    out = io.StringIO()
    call_command("replay", str(clip.pk), stdout=out, **options)
    return out.getvalue()


def test_the_same_manifest_gives_the_same_bytes_whatever_the_entry_says_now(
    scene: Scene, tmp_path: Path, settings: Settings
) -> None:
    settings.GENERATION_CATALOGUE = str(scene.catalogue)
    _offer(tmp_path / "second", scene.weights, settings, runtime="cpu_threads = 2")
    kept = tmp_path / "again.mp4"

    frames, file = said(scene.clip, keep=kept).splitlines()

    assert frames == "frames: the same"
    agrees = hashlib.sha256(kept.read_bytes()).hexdigest() == scene.clip.sha256
    assert file == ("file:   the same" if agrees else "file:   DIFFERENT")
    assert Clip.objects.get().attempts.count() == 1


def test_another_seed_is_found_out(scene: Scene) -> None:
    clip = Clip.objects.get()
    row = make_ready_clip(
        artist=clip.artist,
        cohort=clip.cohort,
        files=False,
        manifest={
            **clip.manifest,
            "seed": 8,
            "versions": {**clip.manifest["versions"], "torch": "1.0"},
        },
    )
    out = io.StringIO()

    with pytest.raises(CommandError) as caught:
        call_command("replay", str(row.pk), stdout=out)

    assert caught.value.returncode == 1
    lines = out.getvalue().splitlines()
    assert lines[:2] == ["frames: DIFFERENT", "file:   DIFFERENT"]
    assert lines[2].startswith("  torch was 1.0, is ")
    assert len(lines) == 3


@pytest.fixture
def batch(
    ada: User, lucien: User, cohort: Cohort, tiny_weights: Path, tmp_path: Path, settings: Settings
) -> list[Clip]:
    """Three clips that were rendered in one call."""
    folder = tmp_path / "batching"
    _offer(folder, tiny_weights, settings, runtime="cpu_threads = 1, max_batch = 4")
    clips = [
        make_clip(
            artist=artist,
            cohort=cohort,
            prompt=prompt,
            seed=seed,
            width=32,
            height=32,
            frames=5,
            steps=2,
        )
        for artist, prompt, seed in ((ada, "a boat", 1), (lucien, "a bird", 2), (ada, "a sea", 3))
    ]
    worker = GpuWorker(name="gpu@test")
    worker.warm_up()
    assert worker.render_until_empty() == 3
    for clip in clips:
        clip.refresh_from_db()
        assert clip.manifest["batch"]["places"] == [0, 1, 2]
    return clips


def test_a_clip_of_a_batch_is_made_again_with_its_companions(batch: list[Clip]) -> None:
    for clip in batch[:2]:
        assert said(clip).splitlines()[0] == "frames: the same"


def test_a_clip_whose_companions_are_gone_is_made_alone_and_is_the_same_but_for_rounding(
    batch: list[Clip],
) -> None:
    clip, other = batch[0], batch[1]
    gone = {**clip.manifest["batch"], "places": [0, 1, 9]}
    lonely = {
        whose: make_ready_clip(
            artist=clip.artist,
            cohort=clip.cohort,
            content=Path(default_storage.path(str(whose.original))).read_bytes(),
            manifest={**clip.manifest, "batch": gone, "frames_sha256": "0" * 64},
            **{name: getattr(clip, name) for name in ("prompt", "seed", "width", "height")},
        )
        for whose in (clip, other)
    }

    lines = said(lonely[clip]).splitlines()

    assert lines[0] == "frames: the same but for rounding"
    assert lines[-1] == "  it was rendered in a batch of 3, and now alone"
    out = io.StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("replay", str(lonely[other].pk), stdout=out)
    assert caught.value.returncode == 1
    assert out.getvalue().splitlines()[0] == "frames: DIFFERENT"


def test_other_weights_are_refused(scene: Scene) -> None:
    config = scene.weights / "scheduler" / "scheduler_config.json"
    config.write_text(config.read_text() + "\n")

    with pytest.raises(CommandError) as caught:
        said(scene.clip)

    assert caught.value.returncode == 2
    assert "it was made with weights " in str(caught.value)


def test_what_cannot_be_told_is_said(
    ada: User, cohort: Cohort, scene: Scene, tmp_path: Path, settings: Settings
) -> None:
    bare = make_ready_clip(artist=ada, cohort=cohort, files=False)
    with pytest.raises(CommandError, match="no manifest that says how") as caught:
        said(bare)
    assert caught.value.returncode == 2

    settings.GENERATION_CATALOGUE = str(tmp_path / "empty")
    (tmp_path / "empty").mkdir()
    with pytest.raises(CommandError, match="the catalogue no longer has starter"):
        said(scene.clip)
    for unknown in (str(uuid.uuid4()), "boat"):
        with pytest.raises(CommandError, match=f"There is no clip {unknown}"):
            call_command("replay", unknown)

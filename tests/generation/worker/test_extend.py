"""Extensions: what they extend and the new part in one file."""

from __future__ import annotations

import hashlib
import uuid
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from PIL import Image
from pytest_django import Settings

from generation.errors import ExtensionTooLong, InputMissing
from generation.media import store
from generation.media.decode import read_frames, spread
from generation.media.encode import encode_mp4
from generation.media.videos import rate_of
from generation.models import Clip, StartPicture
from generation.services import attempts, clips, create
from generation.states import ClipState, Lineage, Variant
from generation.worker.lead import with_lead
from generation.worker.loop import GpuWorker
from portal.models import Cohort, User
from tests.factories.generation import make_ready_clip
from tests.generation.tiny import save_tiny, write_entry

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def onward_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("onward")
    save_tiny("wan-image", folder)
    return folder


@pytest.fixture(autouse=True)
def _offer(tmp_path: Path, settings: Settings, cohort: Cohort, onward_weights: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    folder = tmp_path / "catalogue"
    folder.mkdir()
    write_entry(folder / "onward.toml", weights=onward_weights, pipeline='pipeline = "wan-image"')
    settings.GENERATION_CATALOGUE = str(folder)
    cohort.models_on_offer = ["onward"]
    cohort.save(update_fields=["models_on_offer"])


def greys(tmp_path: Path, *, frames: int, fps: int, size: tuple[int, int] = (48, 32)) -> Path:
    """A video whose frames grow lighter, ten a frame."""
    path = tmp_path / f"{uuid.uuid4()}.mp4"
    encode_mp4(
        (np.full((size[1], size[0], 3), 10 + 10 * n, np.uint8) for n in range(frames)),
        width=size[0],
        height=size[1],
        fps=fps,
        path=path,
        crf=10,
        preset="veryfast",
    )
    return path


def source_of(artist: User, cohort: Cohort, path: Path, **fields: Any) -> Clip:
    """A ready clip with the file at *path*."""
    shape = {"width": 48, "height": 32, "frames": 5, "fps": 8, **fields}
    return make_ready_clip(artist=artist, cohort=cohort, content=path.read_bytes(), **shape)


def extended(actor: User, cohort: Cohort, **changes: Any) -> Clip:
    asked: dict[str, Any] = {
        "prompt": "a red boat",
        "model_key": "onward",
        "size": "48x32",
        "frames": 5,
        "seed": 7,
        "extend": True,
        "request_id": uuid.uuid4(),
        **changes,
    }
    [made] = create.create_clips(actor=actor, cohort=cohort, **asked)
    return made


def frames_in(clip: Clip, variant: str = Variant.ORIGINAL) -> np.ndarray[Any, Any]:
    with store.open_variant(clip, variant) as file:
        return read_frames(file)


def shades(frames: np.ndarray[Any, Any]) -> list[int]:
    return [int(round(float(frame.mean()), -1)) for frame in frames]


def test_the_file_is_the_source_and_then_the_new_part(
    ada: User, cohort: Cohort, tmp_path: Path
) -> None:
    source = source_of(ada, cohort, greys(tmp_path, frames=5, fps=8))
    first = extended(ada, cohort, source=source)
    assert (first.frames, first.lead_frames, first.file_frames) == (5, 5, 9)

    assert GpuWorker(name="gpu-1").render_until_empty() == 1

    first.refresh_from_db()
    assert (first.state, first.lineage) == (ClipState.READY, Lineage.EXTEND)
    made = frames_in(first)
    # The new part repeats the last frame of the source, which is there once.
    assert len(made) == 9
    assert shades(made[:5]) == [10, 20, 30, 40, 50]
    assert len(frames_in(first, Variant.PREVIEW)) == 9
    assert first.manifest["frames"] == 5
    assert first.manifest["lead"] == {
        "clip": str(source.pk),
        "sha256": source.sha256,
        "frames": 5,
        "repeated": 1,
    }
    assert first.settings_sha256 == attempts.settings_digest(first)

    second = extended(ada, cohort, source=first, seed=8)
    assert (second.lead_frames, second.file_frames) == (9, 13)
    assert GpuWorker(name="gpu-1").render_until_empty() == 1
    second.refresh_from_db()
    whole = frames_in(second)
    assert len(whole) == 13
    assert shades(whole[:5]) == [10, 20, 30, 40, 50]
    assert np.abs(whole[:9].astype(int) - made.astype(int)).mean() < 3


def test_a_replay_makes_the_whole_again(
    ada: User, cohort: Cohort, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = source_of(ada, cohort, greys(tmp_path, frames=5, fps=8))
    made = extended(ada, cohort, source=source)
    GpuWorker(name="gpu-1").render_until_empty()
    again = tmp_path / "again.mp4"

    call_command("replay", str(made.pk), keep=again)

    assert "frames: the same\n" in capsys.readouterr().out
    with again.open("rb") as file:
        assert len(read_frames(file)) == 9


def test_a_source_of_another_size_and_rate_lasts_as_long(
    ada: User, cohort: Cohort, tmp_path: Path
) -> None:
    path = greys(tmp_path, frames=9, fps=16, size=(96, 80))
    source = source_of(ada, cohort, path, width=96, height=80, frames=9, fps=16)
    made = extended(ada, cohort, source=source)
    assert (made.lead_frames, made.file_frames) == (5, 9)

    GpuWorker(name="gpu-1").render_until_empty()

    made.refresh_from_db()
    whole = frames_in(made)
    assert whole.shape == (9, 32, 48, 3)
    assert shades(whole[:5]) == [10, 30, 50, 70, 90]


def test_a_model_without_the_wish_renders_the_new_part_alone(
    ada: User, cohort: Cohort, tmp_path: Path
) -> None:
    source = source_of(ada, cohort, greys(tmp_path, frames=5, fps=8))
    made = extended(ada, cohort, source=source, extend=False)
    assert (made.lead_frames, made.file_frames, made.source) == (0, 5, source)


def test_another_go_at_it_extends_the_same(ada: User, cohort: Cohort, tmp_path: Path) -> None:
    source = source_of(ada, cohort, greys(tmp_path, frames=5, fps=8))
    made = source_of(
        ada,
        cohort,
        greys(tmp_path, frames=9, fps=8),
        model_key="onward",
        source=source,
        lead_frames=5,
        lineage=Lineage.EXTEND,
    )
    again = create.rerun(actor=ada, clip=made, request_id=uuid.uuid4())
    [other] = create.remix(actor=ada, clip=made, prompt="a bird", request_id=uuid.uuid4())
    assert [(clip.source, clip.lead_frames) for clip in (again, other)] == [(source, 5)] * 2


@pytest.mark.parametrize("how", ["deleted", "changed", "removed"])
def test_a_source_that_is_gone_costs_no_gpu_time(
    ada: User, cohort: Cohort, tmp_path: Path, how: str
) -> None:
    source = source_of(ada, cohort, greys(tmp_path, frames=5, fps=8))
    made = extended(ada, cohort, source=source)
    path = Path(default_storage.path(str(source.original)))
    if how == "deleted":
        clips.delete(actor=ada, clip=source)
    elif how == "changed":
        path.write_bytes(greys(tmp_path, frames=5, fps=9).read_bytes())
    else:
        path.unlink()

    GpuWorker(name="gpu-1").render_until_empty()

    made.refresh_from_db()
    assert (made.state, made.error_code) == (ClipState.FAILED, "input_missing")
    assert str(made.error_text) == "What this clip starts from is gone."
    assert (made.prompt, made.gpu_seconds) == ("a red boat", None)
    assert made.may_run_again


def test_only_the_new_part_is_charged_and_a_late_loss_is_typed(
    ada: User, cohort: Cohort, tmp_path: Path
) -> None:
    source = source_of(ada, cohort, greys(tmp_path, frames=5, fps=8))
    made = extended(ada, cohort, source=source)
    told: list[str] = []
    rendered = np.zeros((5, 32, 48, 3), np.uint8)
    for frame in with_lead(made, rendered, begins=lambda: told.append("begins")):
        told.append("new" if frame.mean() == 0 else "lead")
    assert told == [*["lead"] * 5, "begins", *["new"] * 4]

    Path(default_storage.path(str(source.original))).unlink()
    with pytest.raises(InputMissing):
        next(iter(with_lead(made, rendered)))


def test_too_long_a_whole_is_refused_before_it_waits(
    ada: User, cohort: Cohort, tmp_path: Path, settings: Settings
) -> None:
    source = source_of(ada, cohort, greys(tmp_path, frames=5, fps=8))
    settings.GENERATION_LONGEST_SECONDS = 1
    with pytest.raises(ExtensionTooLong) as caught:
        extended(ada, cohort, source=source)
    assert str(caught.value) == (
        "With what it extends this would be 1.1 seconds long. It may be 1."
    )
    assert caught.value.field == "frames"
    assert Clip.objects.get() == source


def test_an_uploaded_video_is_extended_at_the_models_rate(
    ada: User, cohort: Cohort, tmp_path: Path
) -> None:
    path = greys(tmp_path, frames=7, fps=16, size=(96, 64))
    content = path.read_bytes()
    Image.new("RGB", (96, 64), (70, 70, 70)).save(tmp_path / "last.png")
    last = (tmp_path / "last.png").read_bytes()
    kept = StartPicture.objects.create(
        artist=ada,
        sha256=hashlib.sha256(last).hexdigest(),
        width=96,
        height=64,
        file=default_storage.save("pictures/start.png", ContentFile(last)),
        video=default_storage.save("pictures/start.mp4", ContentFile(content)),
        video_sha256=hashlib.sha256(content).hexdigest(),
        video_frames=7,
    )
    made = extended(ada, cohort, start_picture=kept)
    assert (made.lead_frames, made.file_frames) == (4, 8)

    GpuWorker(name="gpu-1").render_until_empty()

    made.refresh_from_db()
    whole = frames_in(made)
    assert len(whole) == 8
    assert shades(whole[:4]) == [10, 30, 50, 70]
    assert made.manifest["lead"]["video"] == str(kept.pk)
    assert made.manifest["lead"]["sha256"] == kept.video_sha256


def test_frames_are_spread_one_at_a_time_and_counted(tmp_path: Path) -> None:
    path = greys(tmp_path, frames=3, fps=8)
    with path.open("rb") as file:
        assert rate_of(file) == 8
    with path.open("rb") as file:
        assert shades(np.stack(list(spread(file, have=3, wanted=5)))) == [10, 10, 20, 30, 30]
    for have in (2, 4):
        with path.open("rb") as file, pytest.raises(OSError, match="other frames"):
            list(spread(file, have=have, wanted=have))

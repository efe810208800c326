"""Files of video to edit, extend and start from: read with care, kept, rendered from."""

from __future__ import annotations

import io
import json
import math
import struct
import wave
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openai import OpenAI
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from generation.catalogue import entry
from generation.errors import InputMissing
from generation.media import intake
from generation.media.encode import encode_mp4
from generation.models import Clip, StartPicture
from generation.services import clips, pictures
from generation.states import ClipState
from generation.worker.start import input_facts, input_of
from portal.models import AuditEntry, Cohort, User
from tests.factories.generation import make_ready_clip
from tests.generation.tiny import write_entry

SHADES = [10, 60, 110, 160, 210]


@pytest.fixture(autouse=True)
def _offer(tmp_path: Path, settings: Settings, cohort: Cohort) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    folder = tmp_path / "catalogue"
    folder.mkdir()
    for key, family in (("starter", "wan"), ("onward", "wan-image"), ("anew", "wan-video")):
        write_entry(folder / f"{key}.toml", weights=tmp_path, pipeline=f'pipeline = "{family}"')
    settings.GENERATION_CATALOGUE = str(folder)
    cohort.models_on_offer = ["starter", "onward", "anew"]
    cohort.save(update_fields=["models_on_offer"])


def mp4(tmp_path: Path, *, size: tuple[int, int] = (64, 48), frames: int = 5) -> bytes:
    """Each frame of another grey."""
    path = tmp_path / "made.mp4"
    encode_mp4(
        (np.full((size[1], size[0], 3), SHADES[n % 5], np.uint8) for n in range(frames)),
        width=size[0],
        height=size[1],
        fps=8,
        path=path,
        crf=10,
        preset="veryfast",
    )
    return path.read_bytes()


def file(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("upload", content, content_type="application/octet-stream")


def post(api: Client, path: str, **said: Any) -> Any:
    return api.post(f"/v1/videos{path}", {"prompt": "a red boat", **said})


def problem(response: Any) -> tuple[int, str, str | None]:
    error = json.loads(response.content)["error"]
    return response.status_code, error["code"], error["param"]


def grey(picture: Any) -> list[int]:
    """The mean of each of a stack of pictures, to the nearest ten."""
    return [int(round(float(one.mean()), -1)) for one in picture]


@pytest.mark.django_db(transaction=True)
def test_the_sdk_edits_and_extends_a_file(sdk: OpenAI, tmp_path: Path) -> None:
    path = tmp_path / "boat.mp4"
    path.write_bytes(mp4(tmp_path))
    with path.open("rb") as opened:
        edited = sdk.videos.edit(prompt="a red boat", video=opened)
    extended = sdk.videos.extend(prompt="a red boat", seconds="1", video=path.read_bytes())  # type: ignore[arg-type]
    created = sdk.videos.create(prompt="a red boat", input_reference=path)
    # Half a second was sent; asked for, and rendered, is one more.
    assert (edited.seconds, extended.seconds, created.seconds) == ("1", "1.5", "1")
    assert (edited.model, extended.model) == ("anew", "onward")
    assert created.model in {"anew", "onward"}
    # The same file is kept once.
    kept = StartPicture.objects.get()
    assert (kept.width, kept.height, kept.video_frames) == (64, 48, 5)
    assert {clip.start_picture for clip in Clip.objects.all()} == {kept}


def test_an_extension_is_as_long_as_both_and_as_large_as_the_first(
    api: Client, artist: User, cohort: Cohort, settings: Settings
) -> None:
    source = make_ready_clip(
        artist=artist, cohort=cohort, files=False, width=48, height=32, frames=17, fps=8
    )
    asked = {"video[id]": f"video_{source.pk.hex}", "seconds": "0.5"}

    made = json.loads(post(api, "/extensions", **asked).content)

    assert (made["seconds"], made["size"], made["model"]) == ("2.5", "48x32", "onward")
    clip = Clip.objects.get(model_key="onward")
    assert (clip.frames, clip.lead_frames, clip.file_frames) == (5, 17, 21)
    # The model's own lengths bound the new part.
    assert problem(post(api, "/extensions", **{**asked, "seconds": "3"})) == (
        *(400, "length_not_offered"),
        "seconds",
    )
    settings.GENERATION_LONGEST_SECONDS = 2
    assert problem(post(api, "/extensions", **asked)) == (400, "extension_too_long", "seconds")
    assert Clip.objects.filter(model_key="onward").count() == 1


def test_a_video_to_start_from_is_not_put_before(api: Client, artist: User, cohort: Cohort) -> None:
    source = make_ready_clip(artist=artist, cohort=cohort, files=False)
    asked = {"input_reference[file_id]": f"video_{source.pk.hex}", "model": "onward"}
    made = json.loads(post(api, "", **asked).content)
    assert made["seconds"] == "1"


def test_an_edit_takes_all_frames_and_an_extension_the_last(api: Client, tmp_path: Path) -> None:
    upload = mp4(tmp_path)
    post(api, "/edits", video=file(upload))
    post(api, "/extensions", video=file(upload))
    anew, onward = Clip.objects.get(model_key="anew"), Clip.objects.get(model_key="onward")
    told = input_of(anew, entry("anew"))
    assert grey(told["source_frames"]) == [10, 10, 60, 110, 110, 110, 160, 210, 210]
    assert grey([input_of(onward, entry("onward"))["picture"]]) == [210]
    kept = StartPicture.objects.get()
    assert input_facts(anew, entry("anew")) == {
        "kind": "video",
        "strength": str(entry("anew").strength),
        "video": str(kept.pk),
        "sha256": kept.video_sha256,
    }
    assert AuditEntry.objects.filter(action="video.brought", target_id=str(kept.pk)).count() == 2


def test_a_video_that_was_changed_on_the_disk_is_not_rendered_from(
    api: Client, tmp_path: Path
) -> None:
    post(api, "/edits", video=file(mp4(tmp_path)))
    kept = StartPicture.objects.get()
    Path(default_storage.path(str(kept.video))).write_bytes(b"another")
    with pytest.raises(InputMissing):
        input_of(Clip.objects.get(), entry("anew"))


def test_a_video_nobody_uses_goes_with_its_picture(
    api: Client,
    artist: User,
    tmp_path: Path,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    post(api, "/edits", video=file(mp4(tmp_path)))
    kept, clip = StartPicture.objects.get(), Clip.objects.get()
    names = pictures.names_of(kept)
    assert [default_storage.exists(name) for name in names] == [True, True]
    Clip.objects.update(state=ClipState.CANCELLED)
    clip.refresh_from_db()
    with django_capture_on_commit_callbacks(execute=True):
        clips.delete(actor=artist, clip=clip)
    assert [default_storage.exists(name) for name in names] == [False, False]
    kept.refresh_from_db()
    assert (str(kept.file), str(kept.video), kept.video_frames) == ("", "", 5)


def test_a_large_video_is_made_smaller(api: Client, tmp_path: Path) -> None:
    post(api, "/extensions", video=file(mp4(tmp_path, size=(1600, 400), frames=2)))
    kept = StartPicture.objects.get()
    assert (kept.width, kept.height) == (1280, 320)


@pytest.mark.parametrize("name", ["starter", "onward"])
def test_a_model_that_would_pass_over_the_video_is_refused(
    api: Client, tmp_path: Path, name: str
) -> None:
    refused = post(api, "/edits", model=name, video=file(mp4(tmp_path)))
    assert problem(refused) == (400, "no_model_for_this", "model")
    assert not StartPicture.objects.exists()


def _sound(tmp_path: Path) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as made:
        made.setparams((1, 2, 8000, 0, "NONE", ""))
        made.writeframes(b"\0\0" * 800)
    return out.getvalue()


def _audio_mp4(tmp_path: Path) -> bytes:
    import av

    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=8000)
        frame = av.AudioFrame.from_ndarray(
            np.zeros((1, 1024), np.float32), format="fltp", layout="mono"
        )
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path.read_bytes()


PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
CONCAT = b"ffconcat version 1.0\nfile '/etc/passwd'\n"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(lambda p: b"\0\0\0\x20ftypisom" + b"\xff" * 4000, id="a false header"),
        pytest.param(lambda p: b"\0\0\0\x20ftypisom" + PLAYLIST, id="a playlist behind a header"),
        pytest.param(lambda p: mp4(p, frames=40)[:-400], id="cut off at its end"),
        pytest.param(lambda p: mp4(p)[:200], id="cut off in its head"),
        pytest.param(lambda p: PLAYLIST, id="a playlist"),
        pytest.param(lambda p: CONCAT, id="a list of files"),
        pytest.param(_sound, id="sound"),
        pytest.param(_audio_mp4, id="sound in an MP4"),
        pytest.param(lambda p: b"\x1a\x45\xdf\xa3" + b"\0" * 999, id="no Matroska"),
        pytest.param(lambda p: b"x", id="one byte"),
    ],
)
def test_what_is_no_whole_video_is_refused(
    api: Client, tmp_path: Path, content: Callable[[Path], bytes]
) -> None:
    refused = post(api, "/edits", video=file(content(tmp_path)))
    assert problem(refused) == (400, "not_a_video", "video")
    assert not StartPicture.objects.exists()


def test_what_is_too_much_is_refused(api: Client, tmp_path: Path, settings: Settings) -> None:
    long = post(api, "/edits", video=file(mp4(tmp_path, size=(16, 16), frames=901)))
    assert problem(long) == (413, "video_too_large", "video")
    wide = post(api, "/edits", video=file(mp4(tmp_path, size=(4112, 16), frames=1)))
    assert problem(wide) == (413, "video_too_large", "video")
    settings.GENERATION_VIDEO_UPLOAD_MB = 0
    heavy = post(api, "/edits", video=file(mp4(tmp_path)))
    assert problem(heavy) == (413, "video_too_large", "video")


def test_a_picture_that_unpacks_to_gigabytes_is_refused(api: Client) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    packed = zlib.compress(bytes(60_000), 9) * 20
    bomb = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    )
    refused = post(api, "", input_reference=file(bomb))
    assert problem(refused) == (413, "picture_too_large", "input_reference")


def test_a_turned_video_is_shown_as_a_player_shows_it() -> None:
    class Frame:
        rotation = 90

        def reformat(self, **kept: Any) -> Any:
            return self

        def to_ndarray(self) -> Any:
            return np.zeros((2, 3, 3), np.uint8)

    turned: Any = Frame()
    assert intake._upright(turned, (3, 2)).shape == (3, 2, 3)
    assert math.prod(intake._fitting(1, 4000)) == 1280

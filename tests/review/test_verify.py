"""The page where anybody reads where a file comes from."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import av
import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse
from PIL import Image
from pytest_django import Settings

from generation.models import Clip
from generation.services import clips
from generation.states import Lineage
from portal.models import Cohort, User
from review.models import Fingerprint, Signing
from review.recognition import recognise
from review.services import fingerprints, signing, verifying
from review.views import verify as page
from tests.factories import review as make
from tests.factories.credentials import authority_folder, make_real_clip
from tests.factories.portal import browser_of

URL = "/verify/"


@pytest.fixture(autouse=True)
def _authority(settings: Settings) -> None:
    settings.PROVENANCE_FOLDER = authority_folder()
    settings.PROGRAMME_NAME = "Spring films"


@pytest.fixture
def clip(ada: User, spring: Cohort) -> Clip:
    return make_real_clip(ada, spring, title="Red boat")


def content_of(name: str) -> bytes:
    with default_storage.open(name) as file:
        return bytes(file.read())


def shown(content: bytes, *, client: Client | None = None, status: int = 200) -> str:
    answer = (client or Client()).post(URL, {"file": SimpleUploadedFile("found.mp4", content)})
    assert answer.status_code == status
    return answer.content.decode()


def remuxed(content: bytes) -> bytes:
    """The same coded frames in a new file, as ``ffmpeg -c copy`` writes it."""
    out = io.BytesIO()
    with av.open(io.BytesIO(content), "r") as source, av.open(out, "w", format="mp4") as target:
        stream = source.streams.video[0]
        copy = target.add_stream_from_template(stream)
        for packet in source.demux(stream):
            if packet.dts is not None:
                packet.stream = copy
                target.mux(packet)
    return out.getvalue()


def encoded_anew(content: bytes) -> bytes:
    out = io.BytesIO()
    with av.open(io.BytesIO(content), "r") as source, av.open(out, "w", format="mp4") as target:
        stream = target.add_stream("libx264", rate=8)
        stream.width, stream.height, stream.pix_fmt = 96, 72, "yuv420p"
        stream.options = {"crf": "28"}
        for frame in source.decode(video=0):
            target.mux(stream.encode(frame.reformat(width=96, height=72)))
        target.mux(stream.encode(None))
    return out.getvalue()


def test_ours_is_told_from_changed_and_from_stripped(
    clip: Clip, ada: User, rosa: User, alba: User, spring: Cohort
) -> None:
    remix = make_real_clip(ada, spring, seed=5, source=clip, lineage=Lineage.REMIX)
    for each in (clip, remix):
        make.approve(make.submit(each), rosa, signed=False)
    assert signing.sign_waiting() == 2
    assert fingerprints.take_missing() == 2
    row = Signing.objects.get(decision__review__clip=remix)
    master = content_of(row.master)
    said = shown(master)
    assert "Signed by this programme, and unchanged since" in said
    assert f"Clip {remix.short_id}" in said
    assert f"Clip {clip.short_id}" in said
    assert "A generative model (AI): Starter" in said
    assert f"Decision {row.decision_id}" in said
    assert "Red boat" not in said
    changed = bytearray(master)
    changed[changed.find(b"mdat") + 400] ^= 1
    assert "Changed after it was signed" in shown(bytes(changed))
    stripped = shown(remuxed(master))
    assert "It has no content credential" in stripped
    assert "These are the pictures of a clip of this programme" in stripped
    assert "Released on" in stripped
    alike = shown(encoded_anew(master))
    assert "This looks like a clip of this programme" in alike
    assert "Released on" in alike
    make.revoke(row.decision.review, alba)
    assert "No longer approved" in shown(master)
    [known] = Fingerprint.objects.filter(clip=remix)
    asked: dict[str, Any] = {"exact": known.exact, "pictures": known.pictures}
    assert recognise(AnonymousUser(), **asked) is None
    assert recognise(rosa, **asked) is not None


def test_an_unreleased_clip_is_told_to_its_staff_alone(
    clip: Clip, ada: User, lucien: User, rosa: User
) -> None:
    assert fingerprints.take_missing() == 1
    known = Fingerprint.objects.get()
    asked: dict[str, Any] = {"exact": known.exact, "pictures": known.pictures}
    assert recognise(rosa, **asked) is None
    review = make.submit(clip)
    said = shown(content_of(make.original_name(clip)), client=browser_of(rosa))
    assert "It is not released. Only the team reads this." in said
    assert reverse("review:desk", args=[review.pk]) in said
    elsewhere = make.make_reviewer("Remy Chen", make.make_cohort())
    for person in (AnonymousUser(), ada, lucien, elsewhere):
        assert recognise(person, **asked) is None
    make.decline(review, rosa)
    clips.delete(actor=ada, clip=clip)
    assert fingerprints.take_missing() == 0
    assert not Fingerprint.objects.exists()


def test_a_credential_of_somebody_else_is_their_word(
    clip: Clip, rosa: User, settings: Settings, tmp_path: Path
) -> None:
    make.approve(make.submit(clip), rosa, signed=False)
    assert signing.sign_waiting() == 1
    settings.PROVENANCE_FOLDER = tmp_path
    said = shown(content_of(make.signed_name(clip)))
    assert "Unchanged since it was signed, by somebody not known here" in said


def jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), (90, 20, 20)).save(out, "JPEG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        (b"", 400, "That file is empty."),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", 422, "That is no video or picture"),
        (b"\0\0\0\x18ftypisom#EXTM3U\nfile:///etc/passwd\n", 422, "That is no video or picture"),
        (b"\xff\xd8\xff" + b"x" * 500, 422, "That is no video or picture"),
        (jpeg(), 200, "It has no content credential"),
    ],
    ids=["empty", "playlist", "playlist as MP4", "broken JPEG", "plain JPEG"],
)
def test_what_is_brought(db: None, content: bytes, status: int, words: str) -> None:
    assert words in shown(content, status=status)


class Unread(io.RawIOBase):
    """A body that nobody may ask for."""

    def readinto(self, buffer: Any) -> int:
        raise AssertionError("the body was read")


def post_unread(**environ: str) -> HttpResponseBase:
    extra: dict[str, Any] = {
        "wsgi.input": Unread(),
        "CONTENT_TYPE": "multipart/form-data; boundary=x",
        **environ,
    }
    return Client(enforce_csrf_checks=True).post(
        URL, data=b"", content_type="multipart/form-data; boundary=x", **extra
    )


def test_ten_gigabytes_are_refused_unread(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = post_unread(CONTENT_LENGTH=str(10 * 2**30))
    assert answer.status_code == 413
    assert post_unread(CONTENT_LENGTH="").status_code == 411
    with verifying._ROOM, verifying._ROOM:
        assert "are being looked at just now" in shown(jpeg(), status=429)
    cache.clear()
    monkeypatch.setattr(page, "MOST_PER_MINUTE", 1)
    assert "no content credential" in shown(jpeg())
    answer = post_unread(CONTENT_LENGTH="1000")
    assert (answer.status_code, answer["Retry-After"]) == (429, "60")

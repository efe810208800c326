"""Pictures that artists bring: kept, started from, let go of."""

from __future__ import annotations

import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, ProgrammingError, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from generation.errors import PictureGone, PictureNotTaken
from generation.models import Clip, StartPicture
from generation.services import clips as clip_services
from generation.services import create, pictures
from generation.states import ClipState, Lineage
from portal.errors import NotAllowed
from portal.models import AuditEntry, Cohort, User
from tests.factories.generation import make_clip, make_ready_clip
from tests.generation.tiny import write_entry
from tests.generation.uploads import png, upload

pytestmark = pytest.mark.django_db

LIVE = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _offer(tmp_path: Path, settings: Settings, cohort: Cohort) -> None:
    folder = tmp_path / "catalogue"
    folder.mkdir()
    for key, family in (("starter", "wan"), ("onward", "wan-image"), ("anew", "wan-video")):
        write_entry(folder / f"{key}.toml", weights=tmp_path, pipeline=f'pipeline = "{family}"')
    settings.GENERATION_CATALOGUE = str(folder)
    cohort.models_on_offer = ["starter", "onward", "anew"]
    cohort.save(update_fields=["models_on_offer"])


@pytest.fixture
def studio(ada: User) -> Client:
    client = Client()
    client.force_login(ada)
    return client


def posted(**changes: Any) -> dict[str, Any]:
    return {
        "prompt": "a red boat",
        "model_key": "onward",
        "size": "48x32",
        "frames": 9,
        "takes": "1",
        "cohort": "spring-residency",
        "request_id": uuid.uuid4(),
        **changes,
    }


def start(ada: User, cohort: Cohort, picture: StartPicture, **changes: Any) -> list[Clip]:
    wish = posted(**changes)
    for name in ("takes", "cohort"):
        del wish[name]
    return create.create_clips(actor=ada, cohort=cohort, start_picture=picture, **wish)


def stored(picture: StartPicture) -> bool:
    return default_storage.exists(str(picture.file))


def test_the_same_picture_twice_is_kept_once(
    ada: User, lucien: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        first = pictures.keep(actor=ada, upload=upload(png()))
        again = pictures.keep(actor=ada, upload=upload(png(), "other-name.png"))
        theirs = pictures.keep(actor=lucien, upload=upload(png()))

    assert (first.pk, first.file.name) == (again.pk, again.file.name)
    assert (first.width, first.height, first.artist) == (40, 24, ada)
    assert theirs.pk != first.pk
    assert theirs.sha256 == first.sha256
    files = [path for path in Path(default_storage.path("pictures")).rglob("*") if path.is_file()]
    assert len(files) == 2
    assert AuditEntry.objects.filter(action="picture.brought").count() == 3


def test_only_artists_bring_pictures(reviewer: User) -> None:
    with pytest.raises(NotAllowed):
        pictures.keep(actor=reviewer, upload=upload(png()))
    assert not StartPicture.objects.exists()


def test_a_clip_starts_from_a_picture(studio: Client, ada: User) -> None:
    answer = studio.post("/studio/clips/new/", posted(picture_file=upload(png())))

    assert answer.status_code == 302
    clip = Clip.objects.get()
    assert clip.start_picture is not None
    assert (clip.start_picture.artist, clip.source, clip.lineage) == (ada, None, Lineage.NONE)


def test_a_picture_is_shown_as_soon_as_it_is_chosen(studio: Client) -> None:
    answer = studio.post(
        "/studio/pictures/new/",
        posted(prompt="a blue bird", picture_file=upload(png())),
        headers=LIVE,
    )

    picture = StartPicture.objects.get()
    assert answer.status_code == 200
    assert f'name="start_picture" value="{picture.pk}"' in answer.text
    assert f'src="/media/pictures/{picture.pk}" width="40" height="24"' in answer.text
    assert "a blue bird</textarea>" in answer.text
    gone = studio.get(
        "/studio/composer/", posted(start_picture=picture.pk, drop="start_picture"), headers=LIVE
    )
    assert str(picture.pk) not in gone.text
    assert "a red boat</textarea>" in gone.text


def test_a_form_error_keeps_the_picture_and_what_was_typed(studio: Client) -> None:
    answer = studio.post(
        "/studio/clips/new/", posted(seed="blue", prompt="a bird", picture_file=upload(png()))
    )

    picture = StartPicture.objects.get()
    assert answer.status_code == 400
    assert "a bird</textarea>" in answer.text
    assert f'name="start_picture" value="{picture.pk}"' in answer.text
    again = posted(start_picture=str(picture.pk))
    assert studio.post("/studio/clips/new/", again).status_code == 302
    assert Clip.objects.get().start_picture == picture


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        (b"<svg/>", 400, "That file is not a whole picture. Choose a PNG, JPEG or WebP."),
        (b"", 400, "That file is not a whole picture. Choose a PNG, JPEG or WebP."),
        (b"\0" * (10 * 1024**2 + 1), 413, "That picture is larger than 10 MB."),
    ],
)
def test_what_is_no_picture_is_said_and_keeps_what_was_typed(
    studio: Client, content: bytes, status: int, said: str
) -> None:
    answer = studio.post(
        "/studio/clips/new/", posted(prompt="a bird", picture_file=upload(content))
    )
    assert (answer.status_code, said in answer.text) == (status, True)
    assert "a bird</textarea>" in answer.text

    chosen = studio.post("/studio/pictures/new/", posted(picture_file=upload(content)))
    assert (chosen.status_code, said in chosen.text) == (status, True)
    live = studio.post("/studio/pictures/new/", posted(picture_file=upload(content)), headers=LIVE)
    assert (live.status_code, said in live.text) == (422, True)
    assert not Clip.objects.exists()
    assert not StartPicture.objects.exists()


def test_only_models_that_take_pictures_offer_it(studio: Client, ada: User, cohort: Cohort) -> None:
    asks = 'type="file" name="picture_file"'
    for model, offered in (("starter", False), ("anew", False), ("onward", True)):
        page = studio.get("/studio/composer/", {"model_key": model}).text
        assert (asks in page) == offered

    picture = pictures.keep(actor=ada, upload=upload(png()))
    for model in ("starter", "anew"):
        with pytest.raises(PictureNotTaken):
            start(ada, cohort, picture, model_key=model)


def test_another_artists_picture_is_none(
    studio: Client, ada: User, lucien: User, cohort: Cohort
) -> None:
    theirs = pictures.keep(actor=lucien, upload=upload(png()))

    with pytest.raises(PictureGone):
        start(ada, cohort, theirs)
    answer = studio.post("/studio/clips/new/", posted(start_picture=str(theirs.pk)))
    assert answer.status_code == 400
    assert f"/media/pictures/{theirs.pk}" not in answer.text
    assert not Clip.objects.exists()


def test_the_same_again_and_a_remix_begin_with_the_same_picture(
    studio: Client, ada: User, cohort: Cohort
) -> None:
    picture = pictures.keep(actor=ada, upload=upload(png()))
    shape: dict[str, Any] = {"model_key": "onward", "width": 48, "height": 32, "frames": 9}
    clip = make_ready_clip(
        artist=ada, cohort=cohort, files=False, start_picture=picture, steps=4, **shape
    )

    again = create.rerun(actor=ada, clip=clip, request_id=uuid.uuid4())
    assert (again.start_picture, again.source, again.lineage) == (picture, clip, Lineage.AGAIN)

    page = studio.get("/studio/", {"remix": str(clip.pk)}).text
    assert f'name="start_picture" value="{picture.pk}"' in page
    assert f'name="remix" value="{clip.pk}"' in page
    answer = studio.post(
        "/studio/clips/new/",
        posted(start_picture=str(picture.pk), remix=str(clip.pk), prompt="a blue bird"),
    )
    assert answer.status_code == 302
    made = Clip.objects.get(prompt="a blue bird")
    assert (made.start_picture, made.source, made.lineage) == (picture, clip, Lineage.REMIX)


def test_the_last_clip_that_goes_takes_the_picture_with_it(
    ada: User, cohort: Cohort, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    picture = pictures.keep(actor=ada, upload=upload(png()))
    name = str(picture.file)
    first, second = (
        make_clip(artist=ada, cohort=cohort, start_picture=picture, state=ClipState.CANCELLED)
        for _ in range(2)
    )

    with django_capture_on_commit_callbacks(execute=True):
        clip_services.delete(actor=ada, clip=first)
    picture.refresh_from_db()
    assert (picture.file.name, default_storage.exists(name)) == (name, True)

    with django_capture_on_commit_callbacks(execute=True):
        clip_services.delete(actor=ada, clip=second)
    picture.refresh_from_db()
    assert (picture.file.name, default_storage.exists(name)) == ("", False)
    with pytest.raises(PictureGone):
        start(ada, cohort, picture)

    brought = pictures.keep(actor=ada, upload=upload(png()))
    assert (brought.pk, stored(brought)) == (picture.pk, True)


def test_a_picture_removed_meanwhile_is_refused_under_its_lock(ada: User, cohort: Cohort) -> None:
    picture = pictures.keep(actor=ada, upload=upload(png()))
    StartPicture.objects.filter(pk=picture.pk).update(file="")

    with pytest.raises(PictureGone) as caught:
        start(ada, cohort, picture)

    assert caught.value.field == "start_picture"
    assert not Clip.objects.exists()


def test_what_nobody_used_for_a_day_is_forgotten(
    ada: User, cohort: Cohort, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    used, unused, fresh = (
        pictures.keep(actor=ada, upload=upload(png((shade, 0, 0)))) for shade in (1, 2, 3)
    )
    make_clip(artist=ada, cohort=cohort, start_picture=used)
    long_ago = timezone.now() - timedelta(hours=25)
    StartPicture.objects.exclude(pk=fresh.pk).update(brought_at=long_ago)

    with django_capture_on_commit_callbacks(execute=True):
        assert pictures.forget_unused() == 1

    assert [stored(picture) for picture in (used, unused, fresh)] == [True, False, True]
    assert pictures.forget_unused() == 0


def test_the_database_keeps_what_a_picture_is(ada: User) -> None:
    picture = pictures.keep(actor=ada, upload=upload(png()))

    with pytest.raises(ProgrammingError), transaction.atomic():
        StartPicture.objects.filter(pk=picture.pk).update(sha256="0" * 64)
    with pytest.raises(IntegrityError), transaction.atomic():
        StartPicture.objects.create(artist=ada, sha256="boat", width=1, height=1)

from __future__ import annotations

import uuid

import pytest
from django.core.files.storage import default_storage
from django.test import Client

from generation.media import store
from generation.models import Clip
from generation.progress import tell
from generation.signals import clip_deleting
from generation.states import ClipState
from portal.errors import GreenroomError
from portal.models import AuditEntry, Cohort, User
from tests.factories.generation import make_clip, make_ready_clip

pytestmark = pytest.mark.usefixtures("tiny_catalogue")

LIVE = {"HX-Request": "true"}
VERBS = ["rename", "rerun", "vary", "run-again", "first", "cancel", "delete"]


@pytest.fixture
def studio(ada: User) -> Client:
    client = Client()
    client.force_login(ada)
    return client


def tiny(artist: User, cohort: Cohort) -> Clip:
    return make_ready_clip(
        artist=artist, cohort=cohort, width=32, height=32, frames=9, steps=4, prompt="a red boat"
    )


def test_a_ready_clip_plays_and_shows_its_settings(
    studio: Client, ada: User, cohort: Cohort
) -> None:
    clip = tiny(ada, cohort)

    page = studio.get(f"/studio/clips/{clip.pk}/").text

    assert (
        f'src="/media/clips/{clip.pk}/preview/"' in page
        or f"/media/clips/{clip.pk}/preview" in page
    )
    assert 'data-frames="9"' in page
    assert clip.sha256 in page
    assert clip.short_id in page
    assert "hx-trigger" not in page.split('id="clip"')[1].split(">")[0]


def test_a_live_clip_renews_itself(studio: Client, ada: User, cohort: Cohort) -> None:
    clip = make_clip(artist=ada, cohort=cohort, state=ClipState.RENDERING)
    tell([clip], step=3, seconds_left=None)

    page = studio.get(f"/studio/clips/{clip.pk}/").text
    part = studio.get(f"/studio/clips/{clip.pk}/live/").text

    assert f'hx-get="/studio/clips/{clip.pk}/live/"' in page
    assert "Step 3 of 20" in part
    assert "<html" not in part


@pytest.mark.parametrize("verb", VERBS)
def test_a_stranger_finds_no_clip(lucien: User, ada: User, cohort: Cohort, verb: str) -> None:
    clip = make_ready_clip(artist=ada, cohort=cohort, files=False)
    client = Client()
    client.force_login(lucien)

    assert client.get(f"/studio/clips/{clip.pk}/").status_code == 404
    assert client.post(f"/studio/clips/{clip.pk}/{verb}/").status_code == 404
    assert Clip.objects.count() == 1


@pytest.mark.parametrize("verb", VERBS)
def test_changes_are_posts(studio: Client, ada: User, cohort: Cohort, verb: str) -> None:
    clip = make_clip(artist=ada, cohort=cohort)

    assert studio.get(f"/studio/clips/{clip.pk}/{verb}/").status_code == 405


def test_rename(studio: Client, ada: User, cohort: Cohort) -> None:
    clip = tiny(ada, cohort)

    studio.post(f"/studio/clips/{clip.pk}/rename/", {"title": "  Boat   one "})

    clip.refresh_from_db()
    assert clip.title == "Boat one"
    entry = AuditEntry.objects.get(action="clip.renamed")
    assert (entry.actor, entry.after) == (ada, {"title": "Boat one"})


def test_a_title_that_is_too_long_stays_in_its_field(
    studio: Client, ada: User, cohort: Cohort
) -> None:
    clip = tiny(ada, cohort)

    answer = studio.post(f"/studio/clips/{clip.pk}/rename/", {"title": "x" * 121})

    assert answer.status_code == 400
    assert "x" * 121 in answer.text


def test_another_seed_joins_the_gallery(studio: Client, ada: User, cohort: Cohort) -> None:
    clip = tiny(ada, cohort)

    answer = studio.post(f"/studio/clips/{clip.pk}/vary/", headers=LIVE)

    new = Clip.objects.get(source=clip)
    assert answer.status_code == 200
    assert f'id="clip-{new.pk}"' in answer.text
    assert f'data-clip="{new.pk}" data-live="1"' in answer.text


def test_a_clip_behind_others_can_be_made_next(studio: Client, ada: User, cohort: Cohort) -> None:
    first, second, last = (make_clip(artist=ada, cohort=cohort) for _ in range(3))
    page = studio.get("/studio/").text
    assert [f"/studio/clips/{clip.pk}/first/" in page for clip in (first, second, last)] == [
        False,
        True,
        True,
    ]

    answer = studio.post(f"/studio/clips/{last.pk}/first/", headers=LIVE)

    assert "this clip is next" in answer.text
    assert f"/studio/clips/{last.pk}/first/" not in answer.text
    studio.post(f"/studio/clips/{second.pk}/first/")
    studio.post(f"/studio/clips/{second.pk}/first/")
    priorities = [Clip.objects.get(pk=clip.pk).priority for clip in (first, second, last)]
    assert priorities == [0, 2, 1]
    entries = AuditEntry.objects.filter(action="clip.put_first")
    assert [(entry.before, entry.after) for entry in entries.order_by("pk")] == [
        ({"priority": 0}, {"priority": 1}),
        ({"priority": 0}, {"priority": 2}),
    ]


def test_a_clip_on_a_worker_cannot_be_made_next(studio: Client, ada: User, cohort: Cohort) -> None:
    clip = make_clip(artist=ada, cohort=cohort, state=ClipState.RENDERING)

    answer = studio.post(f"/studio/clips/{clip.pk}/first/", headers=LIVE)

    assert answer.status_code == 409


def test_cancel_from_the_gallery_gives_the_card_back(
    studio: Client, ada: User, cohort: Cohort
) -> None:
    clip = make_clip(artist=ada, cohort=cohort)

    answer = studio.post(f"/studio/clips/{clip.pk}/cancel/", headers=LIVE)

    clip.refresh_from_db()
    assert clip.state == ClipState.CANCELLED
    assert f'id="clip-{clip.pk}"' in answer.text
    assert "Run again" in answer.text


def test_cancelling_twice_is_said(studio: Client, ada: User, cohort: Cohort) -> None:
    clip = make_clip(artist=ada, cohort=cohort, state=ClipState.CANCELLED)

    live = studio.post(f"/studio/clips/{clip.pk}/cancel/", headers=LIVE)
    plain = studio.post(f"/studio/clips/{clip.pk}/cancel/", follow=True)

    assert live.status_code == 409
    assert "That is no longer possible" in live["HX-Trigger"]
    assert "That is no longer possible" in plain.text


def test_run_again_after_a_failure(studio: Client, ada: User, cohort: Cohort) -> None:
    clip = make_clip(artist=ada, cohort=cohort, state=ClipState.FAILED)
    assert "Rendering failed. Run it again." in studio.get(f"/studio/clips/{clip.pk}/").text

    studio.post(f"/studio/clips/{clip.pk}/run-again/")

    clip.refresh_from_db()
    assert clip.state == ClipState.QUEUED


@pytest.mark.django_db(transaction=True)
def test_delete_removes_the_files_and_keeps_the_record(
    studio: Client, ada: User, cohort: Cohort
) -> None:
    clip = tiny(ada, cohort)
    [name, *_rest] = store.names_of(clip)

    answer = studio.post(f"/studio/clips/{clip.pk}/delete/")

    clip.refresh_from_db()
    assert answer["Location"] == "/studio/"
    assert clip.deleted_at is not None
    assert (clip.original.name, len(clip.sha256)) == ("", 64)
    assert not default_storage.exists(name)
    assert studio.get(f"/studio/clips/{clip.pk}/").status_code == 404


def test_a_refused_delete_keeps_everything(studio: Client, ada: User, cohort: Cohort) -> None:
    clip = tiny(ada, cohort)

    def refuse(**kwargs: object) -> None:
        raise GreenroomError("It is in review.")

    clip_deleting.connect(refuse)
    try:
        answer = studio.post(f"/studio/clips/{clip.pk}/delete/", follow=True)
    finally:
        clip_deleting.disconnect(refuse)

    clip.refresh_from_db()
    assert "It is in review." in answer.text
    assert clip.deleted_at is None
    assert all(default_storage.exists(name) for name in store.names_of(clip))


def test_after_an_action_one_is_back_where_one_was_but_never_elsewhere(
    studio: Client, ada: User, cohort: Cohort
) -> None:
    def back(referer: str) -> str:
        clip = make_clip(artist=ada, cohort=cohort)
        headers = {"Referer": referer}
        return studio.post(f"/studio/clips/{clip.pk}/cancel/", headers=headers)["Location"]

    assert back("http://testserver/studio/?state=live") == "http://testserver/studio/?state=live"
    assert back("https://elsewhere.example/") == "/studio/"


def test_a_double_click_on_the_same_again_makes_one_clip(
    studio: Client, ada: User, cohort: Cohort
) -> None:
    clip = tiny(ada, cohort)
    token = {"request_id": str(uuid.uuid4())}
    for _ in range(2):
        studio.post(f"/studio/clips/{clip.pk}/rerun/", token)

    assert Clip.objects.filter(source=clip).count() == 1

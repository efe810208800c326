"""Every method of the SDK's ``client.videos``, against a live server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI, OpenAI

from generation.models import Attempt, Clip
from generation.services import attempts
from generation.states import AttemptState, ClipState
from portal.models import Cohort, User
from portal.services.key_rows import NewKey
from review.models import Download
from tests.factories import review as make
from tests.factories.generation import make_clip, make_ready_clip, remove_files

SIZE = "128x128"


@pytest.fixture
def ready(artist: User, cohort: Cohort) -> Iterator[Clip]:
    clip = make_ready_clip(artist=artist, cohort=cohort, content=b"the master")
    yield clip
    remove_files([clip])


def video_id(clip: Clip) -> str:
    return f"video_{clip.pk.hex}"


def test_a_prompt_alone_makes_a_video(sdk: OpenAI, artist: User, key: NewKey) -> None:
    made = sdk.videos.create(prompt="a red boat on the sea at night")
    clip = Clip.objects.get()
    assert (clip.artist, clip.access_key, clip.prompt) == (artist, key.row, made.prompt)
    assert made.model_dump(
        include={"id", "object", "model", "status", "progress", "size", "seconds", "error"}
    ) == {
        "id": video_id(clip),
        "object": "video",
        "model": "starter",
        "status": "queued",
        "progress": 0,
        "size": SIZE,
        "seconds": "2",
        "error": None,
    }
    assert made.created_at == int(clip.created_at.timestamp())
    assert (made.completed_at, made.expires_at, made.remixed_from_video_id) == (None, None, None)
    extra: dict[str, Any] = made.model_extra or {}
    assert extra["seed"] == clip.seed
    assert extra["queue"]["position"] == 0
    assert extra["review"] is None


def test_every_setting_is_taken(sdk: OpenAI) -> None:
    made = sdk.videos.create(
        prompt="a blue cat in a forest",
        model="starter",
        seconds="2",  # type: ignore[arg-type]
        size=SIZE,  # type: ignore[arg-type]
        extra_body={"seed": 7, "steps": 9, "guidance": 3.5, "tags": ["x"], "style": {"id": "y"}},
    )
    clip = Clip.objects.get()
    assert (made.model, clip.seed, clip.steps, str(clip.guidance)) == ("starter", 7, 9, "3.50")


def test_json_says_the_same_as_a_form(sdk: OpenAI) -> None:
    sdk.videos.create(
        prompt="a house",
        extra_body={"seed": 7},
        extra_headers={"Content-Type": "application/json"},
    )
    clip = Clip.objects.get()
    assert (clip.prompt, clip.seed) == ("a house", 7)


def test_polling_ends_when_the_clip_is_ready_and_says_when_to_look_again(
    sdk: OpenAI, artist: User, cohort: Cohort
) -> None:
    made = sdk.videos.create(prompt="a house")
    looked = sdk.videos.with_raw_response.retrieve(
        made.id, extra_headers={"X-Stainless-Poll-Helper": "true"}
    )
    assert 500 <= int(looked.headers["openai-poll-after-ms"]) <= 10_000
    sdk.post(f"/videos/{made.id}/cancel", cast_to=object)
    ended = sdk.videos.poll(made.id)
    assert ended.status == "failed"
    assert ended.error is not None
    assert ended.error.code == "cancelled"


def test_a_running_clip_is_in_progress(sdk: OpenAI, artist: User, cohort: Cohort) -> None:
    made = sdk.videos.create(prompt="a house")
    lease = attempts.claim_next(worker="gpu", models=["starter"])
    assert lease is not None
    attempts.report(token=lease.token, state=ClipState.RENDERING, step=3)
    assert sdk.videos.retrieve(made.id).status == "in_progress"
    sdk.post(f"/videos/{made.id}/cancel", cast_to=object)
    assert Attempt.objects.get().state == AttemptState.CANCELLED


def test_listing_pages_through_all(sdk: OpenAI, artist: User, cohort: Cohort) -> None:
    clips = [make_clip(artist=artist, cohort=cohort) for _ in range(5)]
    newest_first = [video_id(clip) for clip in reversed(clips)]
    assert [video.id for video in sdk.videos.list(limit=2)] == newest_first
    assert [video.id for video in sdk.videos.list(limit=2, order="asc")] == newest_first[::-1]
    page = sdk.videos.list(limit=2, after=newest_first[1])
    assert [video.id for video in page.data] == newest_first[2:4]
    assert page.has_more
    assert sdk.videos.list(limit=0).data == []


def test_nobody_elses_videos(sdk: OpenAI, ready: Clip, other_artist: User, artist: User) -> None:
    theirs = make_clip(artist=other_artist, cohort=ready.cohort)
    assert [video.id for video in sdk.videos.list()] == [video_id(ready)]
    for ask in (sdk.videos.retrieve, sdk.videos.delete, sdk.videos.download_content):
        with pytest.raises(openai.NotFoundError):
            ask(video_id(theirs))
    with pytest.raises(openai.BadRequestError):
        sdk.videos.list(after=video_id(theirs))


def test_what_is_finished_can_be_deleted(sdk: OpenAI, ready: Clip) -> None:
    deleted = sdk.videos.delete(video_id(ready))
    assert (deleted.id, deleted.object, deleted.deleted) == (
        video_id(ready),
        "video.deleted",
        True,
    )
    with pytest.raises(openai.NotFoundError):
        sdk.videos.retrieve(video_id(ready))


def test_what_is_being_made_cannot(sdk: OpenAI) -> None:
    made = sdk.videos.create(prompt="a house")
    with pytest.raises(openai.ConflictError) as refused:
        sdk.videos.delete(made.id)
    assert refused.value.code == "video_in_progress"
    assert refused.value.response.headers["x-should-retry"] == "false"


def test_the_master_waits_for_its_approval(sdk: OpenAI, ready: Clip, reviewer: User) -> None:
    def refusal() -> tuple[str | None, str]:
        with pytest.raises(openai.PermissionDeniedError) as refused:
            sdk.videos.download_content(video_id(ready))
        return refused.value.code, refused.value.message

    code, message = refusal()
    assert code == "awaiting_review"
    assert "Submit this video for release first." in message
    review = make.submit(ready)
    code, message = refusal()
    assert code == "awaiting_review"
    assert "Decided by" in message
    assert sdk.videos.retrieve(video_id(ready)).model_extra["review"]["state"] == "waiting"  # type: ignore[index]
    make.approve(review, reviewer)
    got = sdk.videos.download_content(video_id(ready))
    assert got.read() == b"the master"
    assert got.response.headers["content-type"] == "video/mp4"
    assert Download.objects.count() == 1


def test_a_decline_says_why(sdk: OpenAI, ready: Clip, reviewer: User) -> None:
    make.decline(make.submit(ready), reviewer, note="The boat has two masts.")
    with pytest.raises(openai.PermissionDeniedError) as refused:
        sdk.videos.download_content(video_id(ready))
    assert refused.value.code == "release_refused"
    assert "The boat has two masts." in refused.value.message
    review = sdk.videos.retrieve(video_id(ready)).model_extra["review"]  # type: ignore[index]
    assert review["state"] == "declined"
    assert review["decided_at"] is not None


@pytest.mark.parametrize(
    ("variant", "body"),
    [("preview", b"preview of "), ("thumbnail", b"poster of "), ("spritesheet", b"filmstrip of ")],
)
def test_the_marked_forms_need_no_approval(
    sdk: OpenAI, ready: Clip, variant: Any, body: bytes
) -> None:
    got = sdk.videos.download_content(video_id(ready), variant=variant)
    assert got.read().startswith(body)


def test_a_remix_keeps_all_but_the_prompt(sdk: OpenAI, ready: Clip) -> None:
    made = sdk.videos.remix(video_id(ready), prompt="a green boat")
    clip = Clip.objects.exclude(pk=ready.pk).get()
    assert made.remixed_from_video_id == video_id(ready)
    assert (clip.prompt, clip.seed, clip.steps) == ("a green boat", ready.seed, ready.steps)


def test_what_no_model_here_can_do_is_refused_by_name(sdk: OpenAI, ready: Clip) -> None:
    # What works in the SDK, which takes no dict there: an empty file beside the id.
    of_mine: Any = {"video": b"", "extra_body": {"video[id]": video_id(ready)}}
    cases: list[tuple[Callable[[], object], str]] = [
        (lambda: sdk.videos.edit(prompt="snow", **of_mine), "no_model_for_this"),
        (
            lambda: sdk.videos.extend(prompt="on", seconds="4", **of_mine),
            "no_model_for_this",
        ),
        (
            lambda: sdk.videos.edit(prompt="snow", video=b"not one of ours"),
            "no_model_for_this",
        ),
        (
            lambda: sdk.videos.create_character(name="Ada", video=b"bytes"),
            "characters_not_supported",
        ),
    ]
    for ask, code in cases:
        with pytest.raises(openai.BadRequestError) as refused:
            ask()
        assert refused.value.code == code
    with pytest.raises(openai.NotFoundError):
        sdk.videos.get_character("char_1")
    assert Clip.objects.count() == 1


def test_models_on_offer(sdk: OpenAI) -> None:
    assert "starter" in [model.id for model in sdk.models.list()]
    assert sdk.models.retrieve("starter").model_extra["seconds"] == ["2"]  # type: ignore[index]
    with pytest.raises(openai.NotFoundError):
        sdk.models.retrieve("sora-2")


def test_the_asynchronous_client(base_url: str, key: NewKey) -> None:
    async def story() -> tuple[str, list[str], str]:
        async with AsyncOpenAI(base_url=base_url, api_key=key.clear) as client:
            made = await client.videos.create(prompt="a house")
            await client.post(f"/videos/{made.id}/cancel", cast_to=object)
            ended = await client.videos.poll(made.id)
            listed = [video.id async for video in client.videos.list(limit=1)]
            deleted = await client.videos.delete(made.id)
            return ended.status, listed, deleted.id

    status, listed, deleted = asyncio.run(story())
    assert status == "failed"
    assert listed == [deleted]


def test_a_wrong_key_is_an_authentication_error(base_url: str, key: NewKey) -> None:
    with (
        OpenAI(base_url=base_url, api_key=f"{key.clear[:-1]}_") as client,
        pytest.raises(openai.AuthenticationError) as refused,
    ):
        client.videos.list()
    assert refused.value.code == "invalid_api_key"

"""The SDK's other ways to ask: raw and streamed answers, answers that got lost, many at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

import httpx2
import openai
import pytest
from django.test import Client
from openai import AsyncOpenAI, OpenAI

from generation.models import Clip
from portal.log import RequestIdFilter
from portal.models import Cohort, User
from portal.services.key_rows import NewKey
from tests.factories.generation import make_ready_clip, remove_files
from tests.factories.portal import make_key

# A variant of ours, which the SDK's types do not know.
PREVIEW: Any = "preview"


@pytest.fixture
def ready(artist: User, cohort: Cohort) -> Iterator[Clip]:
    clip = make_ready_clip(artist=artist, cohort=cohort, content=b"the master")
    yield clip
    remove_files([clip])


def video_id(clip: Clip) -> str:
    return f"video_{clip.pk.hex}"


class Losing(httpx2.HTTPTransport):
    """Delivers the first request and loses its answer."""

    lost = 0

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = super().handle_request(request)
        if not self.lost:
            self.lost += 1
            answer.read()
            answer.close()
            raise httpx2.ReadTimeout("lost", request=request)
        return answer


def test_an_answer_that_got_lost_is_asked_for_again_and_makes_one_clip(
    base_url: str, key: NewKey
) -> None:
    line = Losing()
    with OpenAI(
        base_url=base_url,
        api_key=key.clear,
        max_retries=1,
        http_client=httpx2.Client(transport=line),
    ) as client:
        made = client.videos.create(prompt="a red boat")
    assert line.lost == 1
    assert made.id == video_id(Clip.objects.get())


def test_a_raw_answer_and_a_streamed_one(sdk: OpenAI, ready: Clip) -> None:
    raw = sdk.videos.with_raw_response.retrieve(video_id(ready))
    assert raw.parse().id == video_id(ready)
    assert raw.headers["x-request-id"]
    assert raw.headers["x-ratelimit-remaining-requests"]
    with sdk.videos.with_streaming_response.download_content(
        video_id(ready), variant=PREVIEW
    ) as got:
        assert b"".join(got.iter_bytes()).startswith(b"preview of ")
    with pytest.raises(openai.PermissionDeniedError) as refused:
        sdk.videos.with_streaming_response.download_content(video_id(ready)).__enter__()
    assert refused.value.code == "awaiting_review"


def test_the_same_without_waiting(base_url: str, key: NewKey, ready: Clip) -> None:
    async def story() -> tuple[str, bytes, str, str | None]:
        async with AsyncOpenAI(base_url=base_url, api_key=key.clear, max_retries=0) as client:
            raw = await client.videos.with_raw_response.retrieve(video_id(ready))
            async with client.videos.with_streaming_response.download_content(
                video_id(ready), variant=PREVIEW
            ) as got:
                content = b"".join([part async for part in got.iter_bytes()])
            remixed = await client.videos.remix(video_id(ready), prompt="a green boat")
            try:
                await client.videos.create_character(name="Ada", video=b"bytes")
            except openai.BadRequestError as error:
                return raw.parse().id, content, remixed.remixed_from_video_id or "", error.code
            return raw.parse().id, content, remixed.remixed_from_video_id or "", None

    found, content, source, code = asyncio.run(story())
    assert (found, source, code) == (
        video_id(ready),
        video_id(ready),
        "characters_not_supported",
    )
    assert content.startswith(b"preview of ")


def test_what_is_logged_of_a_request_bears_its_id(
    artist: User, cohort: Cohort, caplog: pytest.LogCaptureFixture
) -> None:
    elsewhere = make_key(artist, cohort, ip_ranges=[ip_network("203.0.113.0/24")])
    api = Client(
        headers={"Authorization": f"Bearer {elsewhere.clear}", "X-Request-ID": "night-shoot-0003"}
    )
    adds_the_id = RequestIdFilter()
    caplog.handler.addFilter(adds_the_id)
    try:
        refused = api.get("/v1/videos")
    finally:
        caplog.handler.removeFilter(adds_the_id)
    assert (refused.status_code, refused["x-request-id"]) == (403, "night-shoot-0003")
    [told] = [record for record in caplog.records if record.name == "portal.services.key_use"]
    assert vars(told)["request_id"] == "night-shoot-0003"

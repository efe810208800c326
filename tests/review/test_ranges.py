from __future__ import annotations

from io import BytesIO
from typing import Any, cast

import pytest
from django.test import Client
from django.urls import reverse

from generation.models import Clip
from portal import ranges
from portal.models import Cohort, User
from portal.ranges import Unsatisfiable
from tests.factories import review as make
from tests.factories.generation import make_ready_clip

CONTENT = bytes(range(256)) * 5


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-0", (0, 0)),
        ("bytes=0-", (0, 99)),
        ("bytes=10-19", (10, 19)),
        ("bytes=90-500", (90, 99)),
        ("bytes=-1", (99, 99)),
        ("bytes=-500", (0, 99)),
        ("bytes = 5 - 6", (5, 6)),
        # Ignored, as the RFC allows: the whole file is sent.
        ("bytes=", None),
        ("bytes=-", None),
        ("bytes=5-4", None),
        ("bytes=0-1,5-6", None),
        ("items=0-1", None),
        ("bytes=a-b", None),
    ],
)
def test_a_range_is_read(header: str, expected: tuple[int, int] | None) -> None:
    assert ranges.parse(header, 100) == expected


@pytest.mark.parametrize(
    ("header", "size"),
    [
        ("bytes=100-", 100),
        ("bytes=500-600", 100),
        ("bytes=-0", 100),
        ("bytes=0-", 0),
        ("bytes=-5", 0),
    ],
)
def test_a_range_beyond_the_end_is_refused(header: str, size: int) -> None:
    with pytest.raises(Unsatisfiable):
        ranges.parse(header, size)


def test_a_part_is_read_block_by_block_and_closed() -> None:
    file = BytesIO(b"x" * 700_000 + b"end")
    part = ranges.Part(cast("Any", file), 10, 700_002)
    blocks = list(part)
    assert b"".join(blocks) == b"x" * 699_990 + b"end"
    assert max(len(block) for block in blocks) == 256 * 1024
    assert file.closed


@pytest.fixture
def clip(ada: User, spring: Cohort, rosa: User) -> Clip:
    clip = make_ready_clip(artist=ada, cohort=spring, content=CONTENT)
    make.approve(make.submit(clip), rosa)
    return clip


def ask(person: User, clip: Clip, variant: str = "original", **headers: str) -> Any:
    """The answer, read to its end; ``body`` gives what was read."""
    client = Client()
    client.force_login(person)
    response: Any = client.get(
        reverse("review:media", args=[clip.pk, variant]),
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )
    response.read = b"".join(response)
    return response


def body(response: Any) -> bytes:
    return bytes(response.read)


def test_the_whole_file(clip: Clip, rosa: User) -> None:
    response = ask(rosa, clip)
    assert response.status_code == 200
    assert body(response) == CONTENT
    assert response["Content-Length"] == str(len(CONTENT))
    assert response["Content-Type"] == "video/mp4"
    assert response["Accept-Ranges"] == "bytes"
    assert response["Cache-Control"] == "private, no-cache"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Robots-Tag"] == "noindex, noimageindex"
    assert "Content-Disposition" not in response


@pytest.mark.parametrize(
    ("header", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=100-299", 100, 299),
        ("bytes=1270-", 1270, 1279),
        ("bytes=-7", 1273, 1279),
    ],
)
def test_exactly_the_bytes_asked_for(
    clip: Clip, rosa: User, header: str, first: int, last: int
) -> None:
    response = ask(rosa, clip, Range=header)
    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes {first}-{last}/1280"
    assert response["Content-Length"] == str(last - first + 1)
    assert body(response) == CONTENT[first : last + 1]


def test_a_range_beyond_the_end_says_how_long_the_file_is(clip: Clip, rosa: User) -> None:
    response = ask(rosa, clip, Range="bytes=1280-")
    assert response.status_code == 416
    assert response["Content-Range"] == "bytes */1280"
    assert body(response) == b""


def test_what_is_known_is_not_sent_again(clip: Clip, rosa: User) -> None:
    etag = ask(rosa, clip)["ETag"]
    for header in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        response = ask(rosa, clip, If_None_Match=header)
        assert response.status_code == 304
        assert response["ETag"] == etag
        assert body(response) == b""
    assert ask(rosa, clip, If_None_Match='"other"').status_code == 200


def test_a_resumed_fetch_gets_its_part_of_the_same_file_only(clip: Clip, rosa: User) -> None:
    etag = ask(rosa, clip)["ETag"]
    assert ask(rosa, clip, Range="bytes=5-9", If_Range=etag).status_code == 206
    changed = ask(rosa, clip, Range="bytes=5-9", If_Range='"older"')
    assert changed.status_code == 200
    assert body(changed) == CONTENT


def test_a_head_tells_all_but_the_bytes(clip: Clip, rosa: User) -> None:
    client = Client()
    client.force_login(rosa)
    response = client.head(reverse("review:media", args=[clip.pk, "original"]))
    assert response.status_code == 200
    assert response["Content-Length"] == "1280"
    assert response.content == b""


def test_an_etag_gives_no_private_name_away(clip: Clip, rosa: User) -> None:
    etag = ask(rosa, clip)["ETag"]
    assert clip.sha256[:16] not in etag
    assert make.original_name(clip).split("/")[-1] not in etag

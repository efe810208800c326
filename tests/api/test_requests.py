"""Asking twice makes once; what does not fit is refused by name before anything is made."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from generation.models import Clip
from generation.services import accounts
from generation.states import ClipState
from portal.api.bodies import MOST_BYTES
from portal.models import AuditEntry, Cohort, KeyRequest, User
from portal.services import key_requests
from portal.services.agreements import publish_version
from portal.services.key_rows import NewKey
from portal.states import Feature, Scope
from tests.factories.generation import make_clip
from tests.factories.portal import make_key

VIDEOS = "/v1/videos"
WISH = {"prompt": "a red boat on the sea"}


def ask(api: Client, data: Any = WISH, **headers: str) -> Any:
    return api.post(VIDEOS, data, headers=headers)


def problem(response: Any) -> tuple[int, str, str | None]:
    error = json.loads(response.content)["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert error["message"]
    return response.status_code, error["code"], error["param"]


def test_an_idempotency_key_makes_one_clip(api: Client) -> None:
    first = ask(api, **{"Idempotency-Key": "monday-1"})
    again = ask(api, **{"Idempotency-Key": "monday-1"})
    other = ask(api, **{"Idempotency-Key": "monday-2"})
    assert first.json()["id"] == again.json()["id"] != other.json()["id"]
    assert Clip.objects.count() == 2


def test_the_same_idempotency_key_with_another_wish_is_refused(api: Client) -> None:
    ask(api, **{"Idempotency-Key": "monday"})
    refused = ask(api, {"prompt": "a cat"}, **{"Idempotency-Key": "monday"})
    assert problem(refused) == (422, "idempotency_key_reused", None)
    assert problem(ask(api, **{"Idempotency-Key": "x" * 256})) == (
        400,
        "idempotency_key_too_long",
        None,
    )
    assert Clip.objects.count() == 1


def test_a_retry_of_the_sdk_is_recognised(api: Client) -> None:
    first = ask(api, **{"X-Stainless-Retry-Count": "0"})
    again = ask(api, **{"X-Stainless-Retry-Count": "1"})
    assert first.json()["id"] == again.json()["id"]
    # Two wishes alike that are no retries are two clips.
    assert ask(api).json()["id"] != first.json()["id"]
    assert Clip.objects.count() == 2


def test_a_retry_whose_first_never_came_makes_the_clip(api: Client) -> None:
    ask(api, **{"X-Stainless-Retry-Count": "2"})
    assert Clip.objects.count() == 1


def test_another_keys_requests_are_its_own(
    api: Client, artist: User, cohort: Cohort, key: NewKey
) -> None:
    other = make_key(artist, cohort, name="Desk")
    ask(api, **{"Idempotency-Key": "monday"})
    ask(api, **{"Idempotency-Key": "monday", "Authorization": f"Bearer {other.clear}"})
    assert Clip.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_many_at_once_with_one_idempotency_key_make_one_clip(key: NewKey) -> None:
    answers: list[tuple[int, str]] = []

    def one() -> None:
        client = Client(headers={"Authorization": f"Bearer {key.clear}"})
        made = ask(client, **{"Idempotency-Key": "monday"})
        answers.append((made.status_code, made.json().get("id", "")))
        connections.close_all()

    # As many at once as the test's database takes connections.
    with ThreadPoolExecutor(40) as threads:
        for _ in range(200):
            threads.submit(one)
    clip = Clip.objects.get()
    assert answers == [(200, f"video_{clip.pk.hex}")] * 200


def test_requests_are_forgotten_after_two_days(key: NewKey) -> None:
    old, new = (KeyRequest.objects.create(access_key=key.row, body=c * 64) for c in "ab")
    KeyRequest.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(hours=49))
    assert key_requests.forget_old() == 1
    assert list(KeyRequest.objects.all()) == [new]


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ({}, (400, "invalid_value", "prompt")),
        ({"prompt": " "}, (400, "prompt_empty", "prompt")),
        ({"prompt": "\0"}, (400, "prompt_empty", "prompt")),
        ({"prompt": "x" * 401}, (400, "prompt_too_long", "prompt")),
        ({"prompt": "x" * 32_001}, (400, "invalid_value", "prompt")),
        ({**WISH, "model": "sora-2"}, (400, "model_not_offered", "model")),
        ({**WISH, "model": "\0"}, (400, "model_not_offered", "model")),
        ({**WISH, "size": "1280x720"}, (400, "size_not_offered", "size")),
        ({**WISH, "seconds": "4"}, (400, "length_not_offered", "seconds")),
        ({**WISH, "seconds": "1000000000"}, (400, "length_not_offered", "seconds")),
        ({**WISH, "seconds": "-2"}, (400, "length_not_offered", "seconds")),
        ({**WISH, "seconds": "²"}, (400, "length_not_offered", "seconds")),
        ({**WISH, "seed": "x"}, (400, "invalid_value", "seed")),
        ({**WISH, "seed": "-1"}, (400, "seed_out_of_range", "seed")),
        ({**WISH, "steps": "1000000"}, (400, "steps_not_offered", "steps")),
        ({**WISH, "guidance": "NaN"}, (400, "invalid_value", "guidance")),
        (
            {**WISH, "input_reference[image_url]": "http://169.254.169.254/"},
            (400, "invalid_value", "input_reference[image_url]"),
        ),
        (
            {**WISH, "input_reference[image_url]": "data:image/png;base64,AAAA"},
            (400, "not_a_picture", "input_reference"),
        ),
        (
            {**WISH, "input_reference[file_id]": "video_none"},
            (400, "invalid_value", "input_reference[file_id]"),
        ),
    ],
)
def test_what_does_not_fit_is_named(
    api: Client, wish: dict[str, str], expected: tuple[int, str, str | None]
) -> None:
    assert problem(ask(api, wish)) == expected
    assert problem(api.post(VIDEOS, wish, content_type="application/json")) == expected
    assert not Clip.objects.exists()


def test_a_prompt_of_emoji_makes_a_clip(api: Client) -> None:
    assert ask(api, {"prompt": "🚤🌊🌙"}).json()["prompt"] == "🚤🌊🌙"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("{", "application/json"),
        ("[1]", "application/json"),
        ("[" * 100_000, "application/json"),
        ("no boundary here", "multipart/form-data; boundary="),
    ],
)
def test_a_body_that_cannot_be_read(api: Client, body: str, kind: str) -> None:
    assert problem(api.generic("POST", VIDEOS, body, kind)) == (400, "body_misformed", None)


@pytest.mark.parametrize(
    ("path", "most"),
    [
        (VIDEOS, 101 * 2**20),
        (f"{VIDEOS}/edits", 101 * 2**20),
        (f"{VIDEOS}/video_{'0' * 32}/remix", MOST_BYTES),
    ],
)
def test_a_body_that_is_too_large_is_not_read(
    api: Client, artist: User, cohort: Cohort, path: str, most: int
) -> None:
    make_clip(artist=artist, cohort=cohort, id=UUID(int=0))

    class Unread:
        def read(self, *size: int) -> bytes:
            raise AssertionError("the body was read")

        readline = read

    unread: dict[str, Any] = {"wsgi.input": Unread()}
    refused = api.generic(
        "POST",
        path,
        content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(most + 1),
        **unread,
    )
    assert problem(refused) == (413, "body_too_large", None)
    unsized = api.generic(
        "POST",
        path,
        content_type="multipart/form-data; boundary=x",
        HTTP_TRANSFER_ENCODING="chunked",
        **unread,
    )
    assert problem(unsized) == (411, "length_required", None)
    long = json.dumps({"prompt": "x" * 3_000_000})
    assert problem(api.post(VIDEOS, long, content_type="application/json"))[:2] == (
        413,
        "body_too_large",
    )


def test_a_picture_for_a_model_that_takes_none(api: Client) -> None:
    dot = base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    )
    upload = SimpleUploadedFile("upload", dot, content_type="application/octet-stream")
    wish = {**WISH, "model": "starter", "input_reference": upload}
    assert problem(ask(api, wish)) == (400, "picture_not_taken", "model")


def test_a_keys_own_budget(artist: User, cohort: Cohort) -> None:
    made = make_key(artist, cohort, gpu_seconds=10)
    api = Client(headers={"Authorization": f"Bearer {made.clear}"})
    # Clips of the studio and of other keys do not count.
    make_clip(artist=artist, cohort=cohort, estimate="9.000")
    first = ask(api)
    clip = Clip.objects.get(access_key=made.row)
    assert first.status_code == 200
    assert accounts.used_with(made.row) == clip.estimate
    # What is charged counts instead of what was reserved.
    Clip.objects.filter(pk=clip.pk).update(state=ClipState.CANCELLED)
    assert accounts.used_with(made.row) == 0
    make_clip(artist=artist, cohort=cohort, access_key=made.row, estimate="9.900")
    refused = ask(api)
    assert problem(refused) == (429, "key_budget_spent", None)
    assert refused["x-should-retry"] == "false"
    assert "9" not in refused.json()["error"]["message"].partition("left")[2].partition("of")[0]


def test_a_spent_budget_is_not_tried_again(api: Client, cohort: Cohort) -> None:
    Cohort.objects.filter(pk=cohort.pk).update(gpu_seconds_per_artist=1)
    refused = ask(api)
    assert problem(refused) == (429, "budget_spent", None)
    assert refused["x-should-retry"] == "false"


def test_the_limit_of_a_key_stands_in_every_answer(artist: User, cohort: Cohort) -> None:
    made = make_key(artist, cohort, rate_per_minute=2)
    api = Client(headers={"Authorization": f"Bearer {made.clear}"})
    first = api.get(VIDEOS)
    assert first["x-ratelimit-limit-requests"] == "2"
    assert first["x-ratelimit-remaining-requests"] == "1"
    assert first["x-ratelimit-reset-requests"].endswith("s")
    api.get(VIDEOS)
    refused = api.get(VIDEOS)
    assert problem(refused) == (429, "key_rate_limited", None)
    assert 1 <= int(refused["retry-after"]) <= 60


def test_the_limit_of_a_person_counts_all_their_keys(
    artist: User, cohort: Cohort, settings: Settings
) -> None:
    settings.API_REQUESTS_PER_MINUTE_PER_PERSON = 3
    keys = [
        make_key(artist, cohort, name="Desk", rate_per_minute=2),
        make_key(artist, cohort, name="Van"),
    ]
    desk, van = (Client(headers={"Authorization": f"Bearer {made.clear}"}) for made in keys)
    # The tighter of both is told.
    limits = [
        (answer["x-ratelimit-limit-requests"], answer["x-ratelimit-remaining-requests"])
        for answer in (desk.get(VIDEOS), van.get(VIDEOS), desk.get(VIDEOS))
    ]
    assert limits == [("2", "1"), ("3", "1"), ("2", "0")]
    refused = van.get(VIDEOS)
    assert problem(refused) == (429, "person_rate_limited", None)
    assert 1 <= int(refused["retry-after"]) <= 60
    assert refused["x-ratelimit-remaining-requests"] == "0"


def test_the_id_of_a_request_is_in_its_answer_and_its_entries(api: Client) -> None:
    made = ask(api, **{"X-Request-ID": "night-shoot-0001"})
    assert made["x-request-id"] == "night-shoot-0001"
    clip = Clip.objects.get()
    entry = AuditEntry.objects.get(action="clip.queued", target_id=str(clip.pk))
    assert entry.request_id == "night-shoot-0001"
    refused = Client().get(VIDEOS, headers={"X-Request-ID": "night-shoot-0002"})
    assert refused["x-request-id"] == "night-shoot-0002"


def test_every_answer_has_an_id_and_says_how_long_it_took(api: Client) -> None:
    for path in (VIDEOS, "/v1/nothing", "/v1/videos/nobody"):
        answer = api.get(path)
        assert answer["x-request-id"]
        assert int(answer["openai-processing-ms"]) >= 0
        assert answer["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("send", "expected"),
    [
        (lambda api: api.get("/v1/nothing"), (404, "not_found")),
        (lambda api: api.get("/v1/videos/nobody"), (404, "not_found")),
        (lambda api: api.put(VIDEOS), (405, "method_not_allowed")),
        (lambda api: api.get(f"{VIDEOS}?limit=101"), (400, "invalid_value")),
        (lambda api: api.get(f"{VIDEOS}?order=up"), (400, "invalid_value")),
        (lambda api: api.get(f"{VIDEOS}?after=%00"), (400, "invalid_value")),
        (lambda api: Client().get(VIDEOS), (401, "missing_api_key")),
    ],
)
@pytest.mark.django_db
def test_wrong_addresses_answer_in_the_same_form(
    api: Client, send: Callable[[Client], HttpResponse], expected: tuple[int, str]
) -> None:
    assert problem(send(api))[:2] == expected


def test_a_key_without_the_scope(artist: User, cohort: Cohort) -> None:
    made = make_key(artist, cohort, scopes=[Scope.CLIPS_READ])
    api = Client(headers={"Authorization": f"Bearer {made.clear}"})
    assert api.get(VIDEOS).status_code == 200
    assert problem(ask(api)) == (403, "missing_scope", None)


def test_a_newer_agreement_is_signed_first(api: Client, cohort: Cohort, admin: User) -> None:
    publish_version(
        actor=admin, agreement=cohort.agreement, body_en="New terms.", body_fr="Nouveaux termes."
    )
    refused = ask(api)
    assert problem(refused) == (403, "agreement_not_signed", None)
    assert refused["X-Request-ID"]
    assert not Clip.objects.exists()
    assert api.get(VIDEOS).status_code == 200


def test_a_closed_cohort_takes_no_clips_but_shows_them(api: Client, cohort: Cohort) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    Cohort.objects.filter(pk=cohort.pk).update(ends_on=yesterday)
    assert problem(ask(api)) == (403, "cohort_not_open", None)
    assert api.get(VIDEOS).status_code == 200


def test_keys_rest_while_their_cohort_has_them_switched_off(api: Client, cohort: Cohort) -> None:
    assert api.get(VIDEOS).status_code == 200
    Cohort.objects.filter(pk=cohort.pk).update(features_off=[Feature.ACCESS_KEYS])
    for refused in (api.get(VIDEOS), ask(api)):
        assert problem(refused) == (403, "feature_off", None)
    assert not Clip.objects.exists()
    Cohort.objects.filter(pk=cohort.pk).update(features_off=[])
    assert api.get(VIDEOS).status_code == 200

"""The schema's webhooks, and what is really delivered."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import pytest
from django.test import Client
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from portal.models import Cohort, User
from portal.services import webhook_events, webhooks
from portal.states import WebhookEvent
from portal.tasks import send_webhooks
from tests.factories.portal import make_webhook
from tests.listening import Listener

pytestmark = pytest.mark.django_db


@pytest.fixture
def schema(client: Client) -> Any:
    return json.loads(client.get("/v1/openapi.json").content)


def fits(schema: Any, value: Any) -> bool:
    return jsonschema_rs.Draft202012Validator(schema).is_valid(value)


def test_the_whole_is_a_schema_of_3_1_with_every_event(schema: Any) -> None:
    OPENAPI_31_VALIDATOR.validate(schema)
    assert schema["openapi"] == "3.1.0"
    assert list(schema["webhooks"]) == [event.value for event in WebhookEvent]
    broken = {**schema, "webhooks": {"video.completed": {"post": {"responses": 1}}}}
    assert not OPENAPI_31_VALIDATOR.is_valid(broken)


@pytest.mark.parametrize("event", list(WebhookEvent))
def test_a_delivery_is_what_the_schema_says(
    schema: Any, artist: User, cohort: Cohort, listener: Listener, event: WebhookEvent
) -> None:
    made = make_webhook(artist, cohort, url=listener.url)
    if event == WebhookEvent.COMPLETED:
        # Two secrets sign while one replaces the other.
        webhooks.rotate_secret(actor=artist, endpoint=made.row, overlap=webhooks.LONGEST_OVERLAP)
    webhook_events.record(
        type=event, cohort_id=cohort.pk, owner_id=artist.pk, subject=f"video_{'0' * 32}"
    )
    send_webhooks()

    [heard] = listener.heard
    told = schema["webhooks"][event.value]["post"]
    body = json.loads(heard.body)
    [(kind, content)] = told["requestBody"]["content"].items()
    assert heard.headers["content-type"] == kind
    assert fits(content["schema"], body)
    assert body.keys() == content["schema"]["properties"].keys()
    for header in told["parameters"]:
        assert fits(header["schema"], heard.headers[header["name"]])
    others = [other for other in WebhookEvent if other != event]
    for other in others:
        their = schema["webhooks"][other.value]["post"]["requestBody"]["content"][kind]["schema"]
        assert not fits(their, body)

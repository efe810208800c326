"""The schema's ``webhooks``: what is sent to an artist's server, and with which headers.

Bytes and headers themselves are made in ``services.webhook_events`` and ``signatures``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.states import WebhookEvent

_MEANS = {
    WebhookEvent.COMPLETED: "A video is ready",
    WebhookEvent.FAILED: "A video failed, was cancelled, or was deleted before it was ready",
    WebhookEvent.APPROVED: "A video was released: its master can be fetched",
    WebhookEvent.REJECTED: "A video was declined, needs changes, or its approval was withdrawn",
}

HEADERS: Mapping[str, dict[str, Any]] = {
    "webhook-id": {"type": "string", "pattern": "^evt_[0-9a-f]{32}$"},
    "webhook-timestamp": {"type": "string", "pattern": "^[0-9]+$"},
    "webhook-signature": {
        "type": "string",
        "pattern": "^v1,[A-Za-z0-9+/]+=*( v1,[A-Za-z0-9+/]+=*)*$",
    },
}
_SAID = {
    "webhook-id": "The event's id, the same at every try.",
    "webhook-timestamp": "Unix seconds of this try.",
    "webhook-signature": (
        "`v1,` and the base64 HMAC-SHA256 of `id.timestamp.body`, keyed with the base64 after "
        "`whsec_`; several, with spaces between them, while one secret replaces another."
    ),
}


def event_schema(event: WebhookEvent) -> dict[str, Any]:
    """The JSON Schema of a delivery's body."""
    return {
        "type": "object",
        "title": event.value,
        "properties": {
            "id": HEADERS["webhook-id"],
            "object": {"type": "string", "const": "event"},
            "type": {"type": "string", "const": event.value},
            "created_at": {"type": "integer", "minimum": 0},
            "data": {
                "type": "object",
                "properties": {"id": {"type": "string", "pattern": "^video_"}},
                "required": ["id"],
            },
        },
        "required": ["id", "object", "type", "created_at", "data"],
    }


def section() -> dict[str, Any]:
    """What stands under ``webhooks`` of the schema, by the events' names."""
    return {event.value: {"post": _operation(event)} for event in WebhookEvent}


def _operation(event: WebhookEvent) -> dict[str, Any]:
    return {
        "summary": _MEANS[event],
        "tags": ["webhooks"],
        "parameters": [
            {
                "name": name,
                "in": "header",
                "required": True,
                "description": _SAID[name],
                "schema": schema,
            }
            for name, schema in HEADERS.items()
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": event_schema(event)}},
        },
        "responses": {
            "2XX": {"description": "Taken, within 15 seconds."},
            "410": {"description": "Never again: the webhook is stopped."},
            "default": {"description": "Tried again, for up to 24 hours."},
        },
        # It is the signature that says who sends it.
        "security": [],
    }

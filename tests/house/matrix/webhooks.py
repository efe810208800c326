"""Addresses of webhooks, of artists and of cohorts."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from portal.models import WebhookDelivery
from portal.services import webhook_events
from portal.states import DeliveryState
from tests.factories.portal import make_webhook
from tests.house.matrix import Row, World, only, signed_in


def prepare(world: World) -> None:
    world.things["webhook"] = make_webhook(world.artist, world.cohort).row
    world.things["delivery"] = settled_delivery(world)


def settled_delivery(world: World) -> WebhookDelivery:
    """A test that nobody answered."""
    sent = webhook_events.send_test(actor=world.artist, endpoint=world.things["webhook"])
    now = timezone.now()
    rows = WebhookDelivery.objects.filter(pk=sent.pk)
    rows.update(state=DeliveryState.SENDING, lease_until=now, tries=1, took_ms=12)
    rows.update(
        state=DeliveryState.GIVEN_UP,
        lease_until=None,
        settled_at=now,
        status=500,
        answer="Not today",
    )
    return sent


def slug(world: World) -> list[Any]:
    return [world.cohort.slug]


def webhook(world: World) -> list[Any]:
    return [world.things["webhook"].pk]


def webhook_terms(world: World) -> dict[str, Any]:
    return {
        "name": "Night server",
        "cohort": world.cohort.pk,
        "url": "http://127.0.0.1:9/hooks",
        "events": ["video.completed"],
    }


ARTISTS = ("artist", "other_artist")
ADMIN = only("admin", gets=200)
ADMIN_DOES = only("admin", gets=302)

ROWS = [
    Row(name="webhooks", expect=only(*ARTISTS, gets=200)),
    Row(name="webhook_new", expect=only(*ARTISTS, gets=200)),
    # As with keys: whose it is, is looked at once they have proved again that it is them.
    Row(name="webhook_new", method="POST", data=webhook_terms, expect=only(*ARTISTS, gets=302)),
    Row(name="webhook", args=webhook, expect=only("artist", gets=200)),
    Row(name="webhook_edit", args=webhook, expect=only("artist", gets=200)),
    Row(
        name="webhook_edit",
        method="POST",
        args=webhook,
        data=webhook_terms,
        expect=signed_in(302),
    ),
    Row(name="webhook_rotate", args=webhook, expect=only("artist", gets=200)),
    Row(
        name="webhook_rotate",
        method="POST",
        args=webhook,
        data=lambda world: {"overlap": "24"},
        expect=signed_in(302),
    ),
    Row(name="webhook_test", method="POST", args=webhook, expect=only("artist", gets=302)),
    Row(
        name="webhook_state",
        method="POST",
        args=lambda world: [world.things["webhook"].pk, "pause"],
        expect=only("artist", gets=302),
    ),
    Row(
        name="delivery_again",
        method="POST",
        args=lambda world: [world.things["delivery"].pk],
        expect=only("artist", gets=302),
    ),
    Row(name="webhook_remove", method="POST", args=webhook, expect=only("artist", gets=302)),
    Row(name="cohort_webhooks", args=slug, expect=ADMIN),
    Row(name="cohort_webhook_new", args=slug, expect=ADMIN),
    Row(
        name="cohort_webhook_new",
        method="POST",
        args=slug,
        data=webhook_terms,
        # As with keys.
        expect={**ADMIN_DOES, "other_admin": 302},
    ),
]

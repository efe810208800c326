"""Events for webhooks: written in the transaction of what they tell of, sent by a worker later.

An event exists if and only if the change does. One row an endpoint says what is owed to it.
"""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from portal.errors import AlreadyWaiting, IllegalTransition
from portal.models import User, WebhookDelivery, WebhookEndpoint
from portal.prepared import prepared
from portal.services import audit
from portal.states import DeliveryState, EndpointState, WebhookEvent

KEPT = timedelta(days=30)
# What a test is about: no clip has this id.
TEST_SUBJECT = "video_" + "0" * 32

# Every clip that ends asks this, and nearly always nobody listens.
OWED = """
    INSERT INTO portal_webhookdelivery (
        endpoint_id, event_id, type, subject, happened_at, is_test, is_repeat, state, tries,
        created_at, next_try_at, answer, error
    )
    SELECT
        id, %(webhook_event)s::uuid, %(webhook_type)s::varchar, %(webhook_subject)s,
        %(webhook_now)s, false, false, 'waiting', 0, %(webhook_now)s, %(webhook_now)s, '', ''
    FROM portal_webhookendpoint
    WHERE cohort_id = %(webhook_cohort)s AND state <> 'removed'
        AND (owner_id IS NULL OR owner_id = %(webhook_owner)s)
        AND %(webhook_type)s::varchar = ANY (events)
    RETURNING id
"""


def record(*, type: WebhookEvent, cohort_id: int, owner_id: int, subject: str) -> int:
    """Owe *type* to every endpoint that asked for it; answers how many those are.

    Call it inside the transaction of the change, with the clip's row locked: what is about one
    clip is sent in the order it was recorded.

    Args:
        owner_id: the artist of the clip.
        subject: the clip's name in the API, e.g. ``video_…``.
    """
    values = values_of(type=type, cohort_id=cohort_id, owner_id=owner_id, subject=subject)
    count = len(prepared(OWED, values))
    ring_for(count)
    return count


def values_of(*, type: WebhookEvent, cohort_id: int, owner_id: int, subject: str) -> dict[str, Any]:
    """What ``OWED`` needs; for a statement of the change that writes down at once what is owed.

    ``OWED`` answers a row for each endpoint, whose number goes to :func:`ring_for`. The rest is
    as for :func:`record`.
    """
    return {
        "webhook_event": uuid.uuid4(),
        "webhook_type": type.value,
        "webhook_subject": subject,
        "webhook_now": timezone.now(),
        "webhook_cohort": cohort_id,
        "webhook_owner": owner_id,
    }


def ring_for(count: int) -> None:
    """After the commit, wake a worker for *count* events that were owed."""
    if count:
        transaction.on_commit(ring, robust=True)


def body_of(delivery: WebhookDelivery) -> bytes:
    """The event as the OpenAI SDK reads it; the same bytes at every try."""
    event: dict[str, Any] = {
        "id": event_id(delivery),
        "object": "event",
        "type": delivery.type,
        "created_at": int(delivery.happened_at.timestamp()),
        "data": {"id": delivery.subject},
    }
    return json.dumps(event, separators=(",", ":")).encode()


def event_id(delivery: WebhookDelivery) -> str:
    return f"evt_{delivery.event_id.hex}"


@transaction.atomic
def send_test(*, actor: User, endpoint: WebhookEndpoint) -> WebhookDelivery:
    """Send a made-up event, also to an endpoint that is paused; tried once, counted nowhere.

    It has the type of the first event the endpoint chose, and is about ``TEST_SUBJECT``.

    Raises:
        IllegalTransition: the endpoint was removed.
        AlreadyWaiting
    """
    current = _locked(endpoint)
    if current.deliveries.filter(is_test=True, state__in=_OWED).exists():
        raise AlreadyWaiting()
    made = WebhookDelivery.objects.create(
        endpoint=current,
        event_id=uuid.uuid4(),
        type=current.events[0],
        subject=TEST_SUBJECT,
        happened_at=timezone.now(),
        is_test=True,
    )
    audit.record(
        actor=actor,
        action="webhook.tested",
        target=current,
        cohort=current.cohort,
        after={"name": current.name, "event": event_id(made)},
    )
    transaction.on_commit(ring, robust=True)
    return made


@transaction.atomic
def send_again(*, actor: User, delivery: WebhookDelivery) -> WebhookDelivery:
    """Owe a settled event once more, with the same id; it waits for its clip's others.

    Raises:
        IllegalTransition: the endpoint was removed.
        AlreadyWaiting: it is not settled yet, or was sent again already.
    """
    current = _locked(delivery.endpoint)
    if current.deliveries.filter(event_id=delivery.event_id, state__in=_OWED).exists():
        raise AlreadyWaiting()
    if delivery.is_test:
        return send_test(actor=actor, endpoint=current)
    made = WebhookDelivery.objects.create(
        endpoint=current,
        event_id=delivery.event_id,
        type=delivery.type,
        subject=delivery.subject,
        happened_at=delivery.happened_at,
        is_repeat=True,
    )
    audit.record(
        actor=actor,
        action="webhook.sent_again",
        target=current,
        cohort=current.cohort,
        after={"name": current.name, "event": event_id(made), "about": made.subject},
    )
    transaction.on_commit(ring, robust=True)
    return made


def forget_old(now: datetime | None = None) -> int:
    """Remove what is older than ``KEPT``, and endpoints removed so long ago; answers how many."""
    now = now or timezone.now()
    held = Q(state=DeliveryState.SENDING, lease_until__gt=now)
    old = WebhookDelivery.objects.filter(created_at__lt=now - KEPT).exclude(held)
    count, _each = old.delete()
    gone = WebhookEndpoint.objects.filter(
        state=EndpointState.REMOVED, removed_at__lt=now - KEPT, deliveries=None
    )
    return count + gone.delete()[0]


_OWED = (DeliveryState.WAITING, DeliveryState.SENDING)


def _locked(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    current = (
        WebhookEndpoint.objects.select_for_update(no_key=True, of=("self",))
        .select_related("cohort")
        .get(pk=endpoint.pk)
    )
    if current.state == EndpointState.REMOVED:
        raise IllegalTransition()
    return current


def ring() -> None:
    """Wake a worker; when the broker is away, the next beat finds what is owed."""
    from portal.tasks import send_webhooks

    send_webhooks.apply_async(retry=False)

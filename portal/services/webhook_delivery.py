"""Sending what is owed to webhooks: at least once, one clip's events in order.

A worker takes one delivery under a lease, as the outbox of mails does. An endpoint is sent one
event at a time, so a slow one holds up at most one worker; and all together at most ``AT_ONCE``,
so that somebody else's slow servers hold up no mail.
"""

from __future__ import annotations

import logging
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from portal import keys, outbound, sealing, signatures
from portal.models import WebhookDelivery, WebhookEndpoint
from portal.models.webhook import LONGEST_ANSWER
from portal.outbound import Answer
from portal.services import webhook_news, webhooks
from portal.services.transitions import require_step
from portal.services.webhook_events import body_of, event_id
from portal.states import DELIVERY_TRANSITIONS, DeliveryState, EndpointState

log = logging.getLogger(__name__)

AT_ONCE = 3
LEASE = timedelta(minutes=2)
FIRST_PAUSE = timedelta(seconds=10)
GROWS_BY = 3
LONGEST_PAUSE = timedelta(hours=4)
# Of each pause, either way: what failed together does not come back together.
JITTER = 0.2
GIVES_UP_AFTER = timedelta(hours=24)
GONE = 410
_OWED = (DeliveryState.WAITING, DeliveryState.SENDING)


def send_waiting(*, limit: int = 100) -> int:
    """Send what is due; answers how many were delivered."""
    delivered = 0
    for _turn in range(limit):
        delivery = _claim()
        if delivery is None:
            break
        delivered += _send(delivery)
    return delivered


def pause_after(tries: int) -> timedelta:
    """How long to wait after so many tries (1, 2, …), give or take ``JITTER``."""
    # More would not fit into a timedelta, and is far over the longest.
    times: int = GROWS_BY ** min(tries - 1, 12)
    pause = min(FIRST_PAUSE * times, LONGEST_PAUSE)
    return pause * (1 + JITTER * (2 * secrets.SystemRandom().random() - 1))


def _due(now: datetime) -> QuerySet[WebhookDelivery]:
    """What may be sent now: of one clip only the earliest that is owed to the endpoint."""
    earlier = WebhookDelivery.objects.filter(
        endpoint=OuterRef("endpoint"),
        subject=OuterRef("subject"),
        state__in=_OWED,
        pk__lt=OuterRef("pk"),
    )
    return WebhookDelivery.objects.filter(
        Q(state=DeliveryState.WAITING, next_try_at__lte=now)
        | Q(state=DeliveryState.SENDING, lease_until__lte=now),
        Q(endpoint__state=EndpointState.ACTIVE)
        | (Q(is_test=True) & ~Q(endpoint__state=EndpointState.REMOVED)),
        ~Exists(earlier),
    )


def _claim() -> WebhookDelivery | None:
    """Take one due delivery; the endpoint that was not sent anything for longest comes first."""
    now = timezone.now()
    busy = WebhookDelivery.objects.filter(state=DeliveryState.SENDING, lease_until__gt=now)
    with transaction.atomic():
        if busy.count() >= AT_ONCE:
            return None
        endpoint = (
            WebhookEndpoint.objects.select_for_update(skip_locked=True, no_key=True)
            .filter(pk__in=_due(now).values("endpoint"))
            .exclude(pk__in=busy.values("endpoint"))
            .order_by(F("last_try_at").asc(nulls_first=True), "pk")
            .first()
        )
        # Asked again now that it is locked: another worker may have been here since.
        if endpoint is None or busy.filter(endpoint=endpoint).exists():
            return None
        delivery = _due(now).filter(endpoint=endpoint).order_by("next_try_at", "pk").first()
        if delivery is None:
            return None
        if delivery.state == DeliveryState.WAITING:
            require_step(DELIVERY_TRANSITIONS, DeliveryState.WAITING, DeliveryState.SENDING)
        WebhookDelivery.objects.filter(pk=delivery.pk).update(
            state=DeliveryState.SENDING,
            lease_until=now + LEASE,
            tries=F("tries") + 1,
            first_try_at=Coalesce("first_try_at", now),
        )
        endpoint.last_try_at = now
        endpoint.save(update_fields=["last_try_at"])
    delivery.refresh_from_db()
    delivery.endpoint = endpoint
    return delivery


def _send(delivery: WebhookDelivery) -> bool:
    now = timezone.now()
    body = body_of(delivery)
    try:
        signed_with = webhooks.secrets_of(delivery.endpoint, now)
    except sealing.Unreadable:
        log.error("The secret of webhook %s cannot be read", delivery.endpoint_id)
        return _settle(delivery, Answer(error="secret_unreadable"))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Greenroom-Webhooks/1",
        **signatures.headers(
            message_id=event_id(delivery),
            timestamp=int(now.timestamp()),
            body=body,
            with_secrets=signed_with,
        ),
    }
    return _settle(delivery, outbound.post(delivery.endpoint.url, body=body, headers=headers))


@transaction.atomic
def _settle(delivery: WebhookDelivery, answer: Answer) -> bool:
    """Write the outcome, unless another worker took it over; answers whether it was delivered."""
    now = timezone.now()
    endpoint = (
        WebhookEndpoint.objects.select_for_update(no_key=True, of=("self",))
        .select_related("owner", "cohort")
        .get(pk=delivery.endpoint_id)
    )
    current = (
        WebhookDelivery.objects.select_for_update(no_key=True)
        .filter(pk=delivery.pk, state=DeliveryState.SENDING, lease_until=delivery.lease_until)
        .first()
    )
    if current is None:
        return False
    current.status, current.took_ms, current.error = answer.status, answer.took_ms, answer.error
    current.answer = keys.redact(answer.text)[:LONGEST_ANSWER]
    is_gone = answer.status == GONE
    if answer.is_success:
        _end(current, DeliveryState.DELIVERED, now)
    elif current.is_test or is_gone or now >= _last_moment(current):
        _end(current, DeliveryState.GIVEN_UP, now)
    else:
        current.next_try_at = min(now + pause_after(current.tries), _last_moment(current))
        _end(current, DeliveryState.WAITING, None)
    if not current.is_test:
        _judge(endpoint, now, is_success=answer.is_success, is_gone=is_gone)
    return answer.is_success


def _last_moment(delivery: WebhookDelivery) -> datetime:
    return (delivery.first_try_at or delivery.created_at) + GIVES_UP_AFTER


def _end(delivery: WebhookDelivery, state: DeliveryState, settled_at: datetime | None) -> None:
    require_step(DELIVERY_TRANSITIONS, DeliveryState(delivery.state), state)
    delivery.state, delivery.lease_until, delivery.settled_at = state, None, settled_at
    delivery.save(
        update_fields=[
            *("state", "lease_until", "settled_at", "next_try_at"),
            *("status", "took_ms", "error", "answer"),
        ]
    )


def _judge(endpoint: WebhookEndpoint, now: datetime, *, is_success: bool, is_gone: bool) -> None:
    """Remember since when an endpoint fails; stop one that did for a day, or says it is gone."""
    if is_success:
        if endpoint.failing_since is not None:
            endpoint.failing_since = None
            endpoint.save(update_fields=["failing_since"])
        return
    if endpoint.failing_since is None:
        endpoint.failing_since = now
        endpoint.save(update_fields=["failing_since"])
    if endpoint.state != EndpointState.ACTIVE:
        return
    if is_gone or now - endpoint.failing_since >= GIVES_UP_AFTER:
        webhooks.move(
            endpoint,
            EndpointState.STOPPED,
            "webhook.stopped",
            actor=None,
            reason="gone" if is_gone else "failed for a day",
        )
        webhook_news.stopped(endpoint, is_gone=is_gone)

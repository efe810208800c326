"""What arrives at a webhook: signed, in order, at least once, and no longer than a day."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import TestCase
from django.utils import timezone
from openai import InvalidWebhookSignatureError, OpenAI

from portal.errors import AlreadyWaiting
from portal.models import AuditEntry, Cohort, User, WebhookDelivery
from portal.models.webhook import WebhookEndpoint
from portal.services import webhook_delivery, webhook_events, webhooks
from portal.services.webhook_delivery import pause_after
from portal.services.webhooks import NewSecret
from portal.states import WebhookEvent
from portal.tasks import send_webhooks
from tests.factories.portal import make_key, make_webhook
from tests.listening import Heard, Listener

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
COMPLETED, APPROVED = WebhookEvent.COMPLETED, WebhookEvent.APPROVED


@pytest.fixture
def made(artist: User, cohort: Cohort, listener: Listener) -> NewSecret:
    return make_webhook(artist, cohort, url=listener.url)


@pytest.fixture
def endpoint(made: NewSecret) -> WebhookEndpoint:
    return made.row


@pytest.fixture
def sdk() -> Iterator[OpenAI]:
    with OpenAI(api_key="unused") as client:
        yield client


def owe(
    endpoint: WebhookEndpoint, type: WebhookEvent = COMPLETED, subject: str = "video_1"
) -> WebhookDelivery:
    assert endpoint.owner_id is not None
    webhook_events.record(
        type=type, cohort_id=endpoint.cohort_id, owner_id=endpoint.owner_id, subject=subject
    )
    return WebhookDelivery.objects.filter(endpoint=endpoint).latest("pk")


def later(delivery: WebhookDelivery, since_first: timedelta | None = None) -> None:
    """Let the next try be due, and the first one so long ago."""
    rows = WebhookDelivery.objects.filter(pk=delivery.pk)
    rows.update(next_try_at=timezone.now())
    if since_first is not None:
        rows.update(first_try_at=timezone.now() - since_first)


def bodies(listener: Listener) -> list[tuple[str, str]]:
    events = [json.loads(heard.body) for heard in listener.heard]
    return [(event["type"], event["data"]["id"]) for event in events]


def unwrap(sdk: OpenAI, heard: Heard, secret: str) -> Any:
    return sdk.webhooks.unwrap(heard.body, heard.headers, secret=secret)


class TestSending:
    def test_the_sdk_checks_and_reads_it(
        self, sdk: OpenAI, listener: Listener, made: NewSecret
    ) -> None:
        listener.answers = [(201, {}, b"thank you")]
        owed = owe(made.row, subject="video_0123")
        assert send_webhooks() == 1
        (heard,) = listener.heard
        event = unwrap(sdk, heard, made.clear)
        assert (event.type, event.data.id, event.object) == (
            "video.completed",
            "video_0123",
            "event",
        )
        assert event.id == heard.headers["webhook-id"] == webhook_events.event_id(owed)
        assert event.created_at == int(owed.happened_at.timestamp())
        assert heard.headers["content-type"] == "application/json"
        with pytest.raises(InvalidWebhookSignatureError):
            unwrap(sdk, Heard("", heard.headers, heard.body + b" "), made.clear)
        owed.refresh_from_db()
        assert (owed.state, owed.tries, owed.status, owed.answer, owed.error) == (
            *("delivered", 1, 201),
            *("thank you", ""),
        )
        assert owed.took_ms is not None
        assert send_webhooks() == 0

    @pytest.mark.parametrize("type", list(WebhookEvent))
    def test_every_event_is_read(
        self, sdk: OpenAI, listener: Listener, made: NewSecret, type: WebhookEvent
    ) -> None:
        owe(made.row, type)
        send_webhooks()
        event = unwrap(sdk, listener.heard[0], made.clear)
        assert (event.type, event.data.id) == (type.value, "video_1")

    def test_both_secrets_sign_while_one_replaces_the_other(
        self, sdk: OpenAI, artist: User, listener: Listener, made: NewSecret
    ) -> None:
        second = webhooks.rotate_secret(actor=artist, endpoint=made.row, overlap=DAY)
        owe(made.row)
        send_webhooks()
        for secret in (made.clear, second.clear):
            assert unwrap(sdk, listener.heard[0], secret).type == "video.completed"
        third = webhooks.rotate_secret(actor=artist, endpoint=made.row, overlap=timedelta(0))
        owe(made.row)
        send_webhooks()
        assert unwrap(sdk, listener.heard[1], third.clear).type == "video.completed"
        for secret in (made.clear, second.clear):
            with pytest.raises(InvalidWebhookSignatureError):
                unwrap(sdk, listener.heard[1], secret)

    def test_a_worker_is_woken_after_the_commit(
        self, monkeypatch: pytest.MonkeyPatch, endpoint: WebhookEndpoint
    ) -> None:
        rung: list[dict[str, Any]] = []
        monkeypatch.setattr(send_webhooks, "apply_async", lambda **how: rung.append(how))
        with TestCase.captureOnCommitCallbacks(execute=True):
            owe(endpoint)
            assert rung == []
        assert rung == [{"retry": False}]

    def test_an_access_key_in_an_answer_is_not_kept(
        self, artist: User, listener: Listener, endpoint: WebhookEndpoint
    ) -> None:
        key = make_key(artist, endpoint.cohort).clear
        listener.answers = [(200, {}, f"Bearer {key}".encode())]
        owed = owe(endpoint)
        send_webhooks()
        owed.refresh_from_db()
        assert owed.answer == "Bearer grk_…"


class TestOrder:
    def test_of_one_clip_the_later_waits_for_the_earlier(
        self, listener: Listener, endpoint: WebhookEndpoint
    ) -> None:
        listener.will_answer(500)
        first = owe(endpoint)
        owe(endpoint, APPROVED)
        owe(endpoint, subject="video_2")
        assert send_webhooks() == 1
        assert bodies(listener) == [("video.completed", "video_1"), ("video.completed", "video_2")]
        later(first)
        assert send_webhooks() == 2
        assert bodies(listener)[2:] == [
            ("video.completed", "video_1"),
            ("video.approved", "video_1"),
        ]

    def test_what_is_given_up_holds_nothing_up(
        self, listener: Listener, endpoint: WebhookEndpoint
    ) -> None:
        listener.will_answer(500, 500)
        first, second = owe(endpoint), owe(endpoint, APPROVED)
        send_webhooks()
        later(first, DAY)
        assert send_webhooks() == 1
        first.refresh_from_db()
        second.refresh_from_db()
        assert (first.state, second.state) == ("given_up", "delivered")

    def test_another_endpoint_waits_for_nobody(
        self, artist: User, cohort: Cohort, listener: Listener, endpoint: WebhookEndpoint
    ) -> None:
        make_webhook(artist, cohort, name="Dead", url="http://127.0.0.1:9/")
        owe(endpoint)
        owe(endpoint, APPROVED)
        assert send_webhooks() == 2
        assert [type for type, _subject in bodies(listener)] == [
            "video.completed",
            "video.approved",
        ]

    def test_what_a_dead_worker_held_is_sent_again(
        self, listener: Listener, endpoint: WebhookEndpoint
    ) -> None:
        owed = owe(endpoint)
        held = webhook_delivery._claim()
        assert held == owed
        assert send_webhooks() == 0
        WebhookDelivery.objects.update(lease_until=timezone.now())
        assert send_webhooks() == 1
        # The first worker was not dead but slow: what it has to say comes too late.
        assert held is not None
        webhook_delivery._send(held)
        owed.refresh_from_db()
        assert (owed.state, owed.tries, len(listener.heard)) == ("delivered", 2, 2)

    def test_slow_servers_leave_workers_for_the_mail(
        self, artist: User, admin: User, cohort: Cohort
    ) -> None:
        for number in range(webhook_delivery.AT_ONCE + 1):
            owed = make_webhook(artist, cohort, name=f"Slow {number}").row
        owe(owed)
        held = [webhook_delivery._claim() for _ in range(webhook_delivery.AT_ONCE + 1)]
        assert [each is None for each in held] == [False, False, False, True]
        assert len({each.endpoint_id for each in held if each is not None}) == 3


@pytest.mark.django_db(transaction=True)
def test_four_workers_at_once_send_each_once_and_in_order(
    artist: User, cohort: Cohort, listener: Listener
) -> None:
    endpoint = make_webhook(artist, cohort, url=listener.url).row
    for number in range(4):
        for type in (WebhookEvent.FAILED, COMPLETED, APPROVED):
            owe(endpoint, type, subject=f"video_{number}")
    barrier = threading.Barrier(4)

    def work() -> None:
        barrier.wait()
        try:
            while WebhookDelivery.objects.exclude(state="delivered").exists():
                send_webhooks()
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for number in range(4):
        told = [type for type, about in bodies(listener) if about == f"video_{number}"]
        assert told == ["video.failed", "video.completed", "video.approved"]


class TestRetries:
    def test_the_pauses_grow_to_four_hours(self) -> None:
        for tries, seconds in [(1, 10), (2, 30), (3, 90), (6, 2430), (9, 14400), (32000, 14400)]:
            pauses = [pause_after(tries).total_seconds() for _ in range(50)]
            assert seconds * 0.8 <= min(pauses) < max(pauses) <= seconds * 1.2

    def test_id_and_body_stay_the_time_does_not(
        self, sdk: OpenAI, listener: Listener, made: NewSecret
    ) -> None:
        listener.will_answer(503, 302, 404, 200)
        owed = owe(made.row)
        for status in (503, 302, 404):
            assert send_webhooks() == 0
            owed.refresh_from_db()
            assert (owed.state, owed.status) == ("waiting", status)
            assert owed.next_try_at > timezone.now()
            later(owed)
        assert send_webhooks() == 1
        assert len({(heard.headers["webhook-id"], heard.body) for heard in listener.heard}) == 1
        for heard in listener.heard:
            assert unwrap(sdk, heard, made.clear).data.id == "video_1"

    def test_the_last_try_is_after_a_day(
        self, listener: Listener, endpoint: WebhookEndpoint
    ) -> None:
        listener.will_answer(500, 500)
        owed = owe(endpoint)
        send_webhooks()
        WebhookDelivery.objects.update(tries=12)
        later(owed, 23 * HOUR)
        send_webhooks()
        owed.refresh_from_db()
        assert owed.first_try_at is not None
        assert owed.next_try_at == owed.first_try_at + DAY

    def test_an_address_that_has_come_to_lie_inside(
        self, settings: Any, listener: Listener, endpoint: WebhookEndpoint
    ) -> None:
        settings.WEBHOOK_PRIVATE_TARGETS = False
        owed = owe(endpoint)
        send_webhooks()
        owed.refresh_from_db()
        assert (owed.state, owed.status, owed.error) == ("waiting", None, "target_refused")
        assert listener.heard == []

    def test_an_unreadable_secret_sends_nothing(
        self, settings: Any, listener: Listener, endpoint: WebhookEndpoint
    ) -> None:
        owed = owe(endpoint)
        settings.SECRET_KEY = "another secret key, long enough to be one"
        send_webhooks()
        owed.refresh_from_db()
        assert (owed.error, listener.heard) == ("secret_unreadable", [])


class TestByHand:
    def test_a_test_comes_through_also_while_it_is_paused(
        self, sdk: OpenAI, artist: User, listener: Listener, made: NewSecret
    ) -> None:
        webhooks.pause(actor=artist, endpoint=made.row)
        owe(made.row)
        webhook_events.send_test(actor=artist, endpoint=made.row)
        with pytest.raises(AlreadyWaiting):
            webhook_events.send_test(actor=artist, endpoint=made.row)
        assert send_webhooks() == 1
        (heard,) = listener.heard
        event = unwrap(sdk, heard, made.clear)
        assert (event.type, event.data.id) == ("video.completed", "video_" + "0" * 32)
        assert AuditEntry.objects.latest("pk").action == "webhook.tested"

    def test_a_test_that_fails_is_tried_once_and_counts_nowhere(
        self, artist: User, listener: Listener, endpoint: WebhookEndpoint
    ) -> None:
        listener.will_answer(500, body=b"oh no")
        sent = webhook_events.send_test(actor=artist, endpoint=endpoint)
        send_webhooks()
        sent.refresh_from_db()
        endpoint.refresh_from_db()
        assert (sent.state, sent.answer, endpoint.failing_since) == ("given_up", "oh no", None)

    def test_sent_again_with_the_same_id(
        self, artist: User, listener: Listener, endpoint: WebhookEndpoint
    ) -> None:
        owed = owe(endpoint)
        with pytest.raises(AlreadyWaiting):
            webhook_events.send_again(actor=artist, delivery=owed)
        send_webhooks()
        owed.refresh_from_db()
        webhook_events.send_again(actor=artist, delivery=owed)
        with pytest.raises(AlreadyWaiting):
            webhook_events.send_again(actor=artist, delivery=owed)
        assert AuditEntry.objects.latest("pk").action == "webhook.sent_again"
        assert send_webhooks() == 1
        first, second = listener.heard
        assert first.headers["webhook-id"] == second.headers["webhook-id"]
        assert first.body == second.body
        assert endpoint.deliveries.count() == 2

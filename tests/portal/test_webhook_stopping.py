"""Endpoints that accept nothing are stopped; whatever they answer, each clip keeps its order."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.models import (
    AuditEntry,
    Cohort,
    Notification,
    OutgoingMail,
    User,
    WebhookDelivery,
    WebhookEndpoint,
)
from portal.services import webhook_events, webhooks
from portal.services.webhook_delivery import GIVES_UP_AFTER
from portal.states import WebhookEvent
from portal.tasks import send_webhooks
from tests.factories.portal import make_webhook
from tests.listening import Listener
from tests.portal.test_webhook_delivery import later, owe

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
COMPLETED = WebhookEvent.COMPLETED
STATUSES = st.lists(st.sampled_from([200, 204, 302, 404, 500]), max_size=25)
# Which clip each event is about, and whether a day goes by before it is tried again.
ABOUT = st.lists(st.sampled_from(["video_1", "video_2", "video_3"]), min_size=1, max_size=8)
WAITS = st.lists(st.booleans(), max_size=25)


@pytest.fixture
def endpoint(artist: User, cohort: Cohort, listener: Listener) -> WebhookEndpoint:
    return make_webhook(artist, cohort, url=listener.url).row


class TestStopping:
    def fail_for(self, owed: WebhookDelivery, span: timedelta) -> None:
        """One more failure, *span* after the first."""
        WebhookEndpoint.objects.update(failing_since=timezone.now() - span)
        later(owed)
        send_webhooks()

    def test_after_a_day_of_failures_its_owner_is_told(
        self, artist: User, listener: Listener, endpoint: WebhookEndpoint
    ) -> None:
        listener.will_answer(500, 500, 500)
        owed = owe(endpoint)
        send_webhooks()
        endpoint.refresh_from_db()
        assert endpoint.failing_since is not None
        self.fail_for(owed, 23 * HOUR)
        endpoint.refresh_from_db()
        assert endpoint.state == "active"
        self.fail_for(owed, DAY)
        endpoint.refresh_from_db()
        assert endpoint.state == "stopped"
        notice = Notification.objects.get(kind="webhook.stopped")
        assert (notice.user, notice.url) == (artist, f"/webhooks/{endpoint.pk}/")
        assert notice.title == "The webhook Studio server was stopped"
        assert OutgoingMail.objects.filter(subject=notice.title).count() == 1
        entry = AuditEntry.objects.latest("pk")
        assert (entry.action, entry.actor, entry.reason) == (
            *("webhook.stopped", None),
            "failed for a day",
        )
        later(owed)
        owe(endpoint, subject="video_2")
        assert send_webhooks() == 0
        webhooks.resume(actor=artist, endpoint=endpoint)
        assert send_webhooks() == 2

    def test_one_success_begins_anew(self, listener: Listener, endpoint: WebhookEndpoint) -> None:
        listener.will_answer(500, 200)
        owed = owe(endpoint)
        send_webhooks()
        self.fail_for(owed, DAY)
        endpoint.refresh_from_db()
        assert (endpoint.state, endpoint.failing_since) == ("active", None)

    def test_of_a_cohorts_the_admins_are_told(
        self, admin: User, second_admin: User, artist: User, cohort: Cohort, listener: Listener
    ) -> None:
        of_cohort = make_webhook(admin, cohort, for_programme=True, url=listener.url).row
        listener.will_answer(410)
        webhook_events.record(
            type=COMPLETED, cohort_id=cohort.pk, owner_id=artist.pk, subject="video_1"
        )
        send_webhooks()
        of_cohort.refresh_from_db()
        assert of_cohort.state == "stopped"
        assert of_cohort.deliveries.get().state == "given_up"
        notices = Notification.objects.filter(kind="webhook.stopped")
        assert {notice.user for notice in notices} == {admin, second_admin}
        assert "gone for good" in notices[0].text


@settings(max_examples=8, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(about=ABOUT, statuses=STATUSES, waits=WAITS)
def test_each_clip_keeps_its_order_whatever_is_answered(
    listener: Listener,
    endpoint: WebhookEndpoint,
    about: list[str],
    statuses: list[int],
    waits: list[bool],
) -> None:
    WebhookDelivery.objects.all().delete()
    listener.heard.clear()
    listener.answers.clear()
    listener.will_answer(*statuses)
    owed = [owe(endpoint, subject=subject) for subject in about]
    for step in range(len(statuses) + 1):
        send_webhooks()
        waiting = WebhookDelivery.objects.filter(state="waiting")
        waiting.update(next_try_at=timezone.now())
        if step < len(waits) and waits[step]:
            waiting.filter(tries__gt=0).update(first_try_at=timezone.now() - GIVES_UP_AFTER)
    send_webhooks()
    ends = [WebhookDelivery.objects.get(pk=each.pk) for each in owed]
    assert {end.state for end in ends} <= {"delivered", "given_up"}
    for subject in set(about):
        settled = [end.settled_at for end in ends if end.subject == subject]
        assert settled == sorted(moment for moment in settled if moment is not None)
        heard = [
            heard.headers["webhook-id"]
            for heard in listener.heard
            if subject.encode() in heard.body
        ]
        ids = [webhook_events.event_id(end) for end in ends if end.subject == subject]
        # Repetitions aside, what was heard is what was owed, in its order.
        assert list(dict.fromkeys(heard)) == ids
        assert heard == sorted(heard, key=ids.index)
    assert len(listener.heard) == sum(end.tries for end in ends)

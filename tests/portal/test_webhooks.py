"""Making, changing, pausing and removing webhooks; what the database refuses."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from portal import access, sealing
from portal.errors import (
    AgreementNotSigned,
    CohortNotOpen,
    GreenroomError,
    IllegalTransition,
    NameTaken,
    NotAllowed,
    TargetRefused,
    TooManyWebhooks,
    WebhookRefused,
)
from portal.models import AuditEntry, Cohort, User, WebhookDelivery, WebhookEndpoint
from portal.services import cohorts, webhook_events, webhooks
from portal.services.webhooks import EndpointTerms, NewSecret
from portal.states import CohortState, EndpointState, Role, WebhookEvent
from tests.factories.portal import join, make_cohort, make_person, make_webhook

DAY = timedelta(days=1)


@pytest.fixture
def made(artist: User, cohort: Cohort) -> NewSecret:
    return make_webhook(artist, cohort)


def last_entry() -> AuditEntry:
    return AuditEntry.objects.latest("pk")


def owe(endpoint: WebhookEndpoint, owner: User, subject: str = "video_1") -> WebhookDelivery:
    webhook_events.record(
        type=WebhookEvent.COMPLETED,
        cohort_id=endpoint.cohort_id,
        owner_id=owner.pk,
        subject=subject,
    )
    return endpoint.deliveries.latest("pk")


class TestCreate:
    def test_its_secret_is_sealed(self, artist: User, cohort: Cohort) -> None:
        made = make_webhook(
            artist, cohort, name=" Night server ", url="http://127.0.0.1:9/x?token=abc"
        )
        row = WebhookEndpoint.objects.get()
        assert (row.name, row.owner, row.cohort, row.state) == (
            "Night server",
            artist,
            cohort,
            "active",
        )
        assert made.clear.startswith("whsec_")
        assert len(base64.b64decode(made.clear[6:], validate=True)) == 32
        assert made.clear not in repr(made)
        assert made.clear not in str(vars(row))
        assert webhooks.secrets_of(row, timezone.now()) == [made.clear]
        entry = last_entry()
        assert (entry.action, entry.actor, entry.cohort) == ("webhook.created", artist, cohort)
        assert entry.after == {
            "name": "Night server",
            "url": "http://127.0.0.1:9/x",
            "events": ["video.completed", "video.failed", "video.approved", "video.rejected"],
        }

    def test_what_is_refused(
        self, artist: User, admin: User, cohort: Cohort, made: NewSecret
    ) -> None:
        unsigned = make_person()
        join(unsigned, cohort, sign=False)
        cases: list[tuple[User, dict[str, Any], type[GreenroomError]]] = [
            (artist, {"name": " "}, WebhookRefused),
            (artist, {"name": "x" * 61}, WebhookRefused),
            (artist, {"events": []}, WebhookRefused),
            (artist, {"url": "http://10.0.0.1/"}, TargetRefused),
            (artist, {"name": "STUDIO server"}, NameTaken),
            (make_person(), {}, NotAllowed),
            (unsigned, {}, AgreementNotSigned),
            (artist, {"for_programme": True}, NotAllowed),
            (
                make_person(role=Role.ADMIN, cohort=make_cohort()),
                {"for_programme": True},
                NotAllowed,
            ),
        ]
        for actor, terms, error in cases:
            with pytest.raises(error):
                make_webhook(actor, cohort, **terms)
        cohorts.change_state(actor=admin, cohort=cohort, state=CohortState.PAUSED)
        with pytest.raises(CohortNotOpen):
            make_webhook(artist, cohort, name="Other")
        make_webhook(admin, cohort, for_programme=True)
        cohorts.change_state(actor=admin, cohort=cohort, state=CohortState.CLOSED)
        with pytest.raises(CohortNotOpen):
            make_webhook(admin, cohort, name="Other", for_programme=True)

    def test_a_few_for_each(self, artist: User, admin: User, cohort: Cohort) -> None:
        for number in range(webhooks.MOST_OF_ARTIST):
            last = make_webhook(artist, cohort, name=f"Server {number}").row
        with pytest.raises(TooManyWebhooks):
            make_webhook(artist, cohort)
        make_webhook(admin, cohort, for_programme=True)
        webhooks.remove(actor=artist, endpoint=last)
        make_webhook(artist, cohort)


class TestChange:
    def test_what_changed_is_in_the_log(self, artist: User, made: NewSecret) -> None:
        terms = EndpointTerms(
            name="Studio server", url="http://127.0.0.1:10/", events=[WebhookEvent.FAILED]
        )
        webhooks.change(actor=artist, endpoint=made.row, terms=terms)
        made.row.refresh_from_db()
        assert (made.row.url, made.row.events) == ("http://127.0.0.1:10/", ["video.failed"])
        entry = last_entry()
        assert entry.action == "webhook.changed"
        assert entry.before["url"] == "http://127.0.0.1:9/hooks"
        webhooks.change(actor=artist, endpoint=made.row, terms=terms)
        assert last_entry() == entry

    def test_nothing_of_a_removed_one(self, artist: User, made: NewSecret) -> None:
        owe(made.row, artist)
        webhooks.remove(actor=artist, endpoint=made.row)
        made.row.refresh_from_db()
        assert (made.row.sealed, made.row.deliveries.count()) == ("", 0)
        assert last_entry().action == "webhook.removed"
        assert not access.webhooks_visible_to(artist).exists()
        for change in (webhooks.pause, webhooks.resume, webhooks.remove, webhook_events.send_test):
            with pytest.raises(IllegalTransition):
                change(actor=artist, endpoint=made.row)

    def test_pausing_and_resuming(self, artist: User, made: NewSecret) -> None:
        webhooks.pause(actor=artist, endpoint=made.row)
        with pytest.raises(IllegalTransition):
            webhooks.pause(actor=artist, endpoint=made.row)
        owed = owe(made.row, artist)
        long_ago = timezone.now() - 3 * DAY
        WebhookDelivery.objects.filter(pk=owed.pk).update(tries=7, first_try_at=long_ago)
        webhooks.resume(actor=artist, endpoint=made.row)
        owed.refresh_from_db()
        assert (owed.tries, owed.first_try_at) == (0, None)
        actions = AuditEntry.objects.order_by("-pk").values_list("action", flat=True)[:2]
        assert list(actions) == ["webhook.resumed", "webhook.paused"]


class TestRotate:
    def test_both_secrets_until_the_overlap_ends(self, artist: User, made: NewSecret) -> None:
        now = timezone.now()
        second = webhooks.rotate_secret(actor=artist, endpoint=made.row, overlap=DAY, now=now)
        row = second.row
        assert second.clear != made.clear
        assert webhooks.secrets_of(row, now) == [second.clear, made.clear]
        assert webhooks.secrets_of(row, now + DAY) == [second.clear]
        assert webhooks.forget_old_secrets(now) == 0
        assert webhooks.forget_old_secrets(now + DAY) == 1
        row.refresh_from_db()
        assert (row.sealed_old, row.overlap_ends_at) == ("", None)
        assert last_entry().action == "webhook.rotated"
        assert made.clear not in str(last_entry().after)

    def test_a_leaked_one_ends_at_once(self, artist: User, made: NewSecret) -> None:
        webhooks.rotate_secret(actor=artist, endpoint=made.row, overlap=DAY)
        third = webhooks.rotate_secret(actor=artist, endpoint=made.row, overlap=timedelta(0))
        assert webhooks.secrets_of(third.row, timezone.now()) == [third.clear]
        with pytest.raises(WebhookRefused):
            webhooks.rotate_secret(actor=artist, endpoint=made.row, overlap=8 * DAY)


class TestRecord:
    def test_who_is_told(
        self, artist: User, other_artist: User, admin: User, cohort: Cohort, made: NewSecret
    ) -> None:
        elsewhere = make_cohort()
        join(artist, elsewhere)
        make_webhook(other_artist, cohort)
        make_webhook(artist, elsewhere, name="Elsewhere")
        make_webhook(artist, cohort, name="Failures", events=[WebhookEvent.FAILED])
        paused = make_webhook(artist, cohort, name="Paused").row
        webhooks.pause(actor=artist, endpoint=paused)
        removed = make_webhook(artist, cohort, name="Removed").row
        webhooks.remove(actor=artist, endpoint=removed)
        everyone = make_webhook(admin, cohort, for_programme=True).row
        owe(made.row, artist)
        told = WebhookDelivery.objects.order_by("endpoint_id")
        assert [each.endpoint for each in told] == [made.row, paused, everyone]
        assert len({each.event_id for each in told}) == 1
        assert {each.state for each in told} == {"waiting"}

    def test_nothing_is_owed_for_what_did_not_happen(self, artist: User, made: NewSecret) -> None:
        with transaction.atomic():
            owe(made.row, artist)
            transaction.set_rollback(True)
        assert not WebhookDelivery.objects.exists()

    def test_the_log_is_kept_for_thirty_days(self, artist: User, made: NewSecret) -> None:
        owe(made.row, artist)
        webhooks.remove(actor=artist, endpoint=make_webhook(artist, made.row.cohort, name="x").row)
        assert webhook_events.forget_old() == 0
        assert webhook_events.forget_old(timezone.now() + 31 * DAY) == 2
        assert WebhookEndpoint.objects.get() == made.row
        assert not WebhookDelivery.objects.exists()


def test_who_sees_which(
    artist: User, other_artist: User, admin: User, reviewer: User, cohort: Cohort, made: NewSecret
) -> None:
    of_cohort = make_webhook(admin, cohort, for_programme=True).row
    own = owe(made.row, artist)
    assert list(access.webhooks_visible_to(artist)) == [made.row]
    assert list(access.webhooks_visible_to(admin)) == [of_cohort]
    assert list(access.deliveries_visible_to(artist)) == [own]
    for person in (other_artist, reviewer, make_person(role=Role.ADMIN, cohort=make_cohort())):
        assert not access.webhooks_visible_to(person).exists()
        assert not access.deliveries_visible_to(person).exists()


@pytest.mark.parametrize(
    "values",
    [
        {"name": "  "},
        {"url": "ftp://example.org"},
        {"url": "https://example.org/a b"},
        {"events": []},
        {"events": ["video.seen"]},
        {"state": "lost"},
        {"sealed": ""},
        {"sealed_old": "x"},
        {"removed_at": timezone.now()},
        {"owner": None},
    ],
)
def test_the_database_refuses(made: NewSecret, values: dict[str, Any]) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        WebhookEndpoint.objects.filter(pk=made.row.pk).update(**values)


def test_the_database_knows_the_steps(artist: User, made: NewSecret) -> None:
    owed = WebhookDelivery.objects.filter(pk=owe(made.row, artist).pk)
    refused: list[dict[str, Any]] = [
        {"state": "delivered", "settled_at": timezone.now()},
        {"state": "sending"},
        {"subject": "video_2"},
        {"status": 7},
    ]
    for values in refused:
        with pytest.raises(DatabaseError), transaction.atomic():
            owed.update(**values)
    row = owed.get()
    row.pk, row.is_repeat = None, True
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)
    webhooks.remove(actor=artist, endpoint=made.row)
    with pytest.raises(DatabaseError), transaction.atomic():
        WebhookEndpoint.objects.filter(pk=made.row.pk).update(
            state=EndpointState.ACTIVE, removed_at=None, sealed="x"
        )


def test_a_secret_of_another_installation(settings: Any, made: NewSecret) -> None:
    settings.SECRET_KEY = "another secret key, long enough to be one"
    with pytest.raises(sealing.Unreadable):
        webhooks.secrets_of(made.row, timezone.now())

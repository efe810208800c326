"""A key that leaks is frozen alone, with its evidence and its ways back."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, ProgrammingError, transaction
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from portal.errors import IllegalTransition, KeyFrozen, NotAllowed
from portal.models import (
    AccessKey,
    AuditEntry,
    Cohort,
    LeakBaseline,
    LeakPolicy,
    LeakReport,
    Notification,
    User,
)
from portal.requests import foreign_page
from portal.services import access_keys, leak_reports, leaks, outbox
from portal.states import KeyState, LeakState
from tests.factories.portal import join, make_cohort, make_key, make_leak, use_from

NOON = 1_800_000_000.0


@pytest.fixture
def key(artist: User, cohort: Cohort) -> AccessKey:
    return make_key(artist, cohort).row


def test_strangers_on_a_page_freeze_it_within_a_handful(
    key: AccessKey, admin: User, artist: User
) -> None:
    for network in range(4):
        use_from(key, network, now=NOON + network / 10, page="free-clips.example")
    with pytest.raises(KeyFrozen) as refused:
        use_from(key, 4, now=NOON + 0.4, page="free-clips.example")
    key.refresh_from_db()
    assert (key.state, key.frozen_by) == (KeyState.FROZEN, None)
    assert key.reason == (
        "Used from 5 networks through a web page that is not ours. "
        "Used from 5 networks within five seconds. "
        "Clips asked for from 5 networks within ten minutes."
    )
    assert key.reason in str(refused.value.message)
    assert refused.value.link.endswith(f"/keys/{key.pk}/frozen/")

    report = key.leak_reports.get()
    assert (report.score, report.line, report.state) == (120, 100, LeakState.OPEN)
    assert (report.is_shadow, report.of_person, report.page) == (False, False, "free-clips.example")
    assert report.facts["page_networks"] == 5
    assert report.networks == [f"198.0.{network}.0/24" for network in (4, 3, 2, 1, 0)]
    assert report.clients == ["Mozilla/5.0"]

    outbox.deliver_waiting()
    assert {message.to[0].rpartition("<")[2].strip(">") for message in mail.outbox} >= {
        artist.email,
        admin.email,
    }
    notices = Notification.objects.order_by("pk").values_list("user", "kind", "url")
    assert list(notices)[-2:] == [
        (artist.pk, "key.frozen", reverse("key_frozen", args=[key.pk])),
        (admin.pk, "leak.noticed", reverse("leak", args=[report.pk])),
    ]
    actions = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions)[-2:] == ["leak.noticed", "key.frozen"]


def test_nobody_else_is_touched(
    key: AccessKey, artist: User, other_artist: User, cohort: Cohort
) -> None:
    own = make_key(artist, cohort, name="Desk").row
    neighbour = make_key(other_artist, cohort).row
    make_leak(key)
    for second in range(5):
        use_from(own, 300, now=time.time() + second)
        use_from(neighbour, 301, now=time.time() + second)
    assert LeakReport.objects.count() == 1
    assert set(AccessKey.objects.filter(state=KeyState.FROZEN)) == {key}


def test_ordinary_use_asks_the_database_nothing(
    key: AccessKey, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        for second in range(30):
            use_from(key, second % 3, now=NOON + 10 * second)


def test_shadow_reports_once_and_freezes_nothing(
    key: AccessKey, admin: User, artist: User, cohort: Cohort
) -> None:
    leaks.set_policy(actor=admin, cohort=cohort, line=100, more_networks=0, is_shadow=True)
    for network in range(20):
        use_from(key, network, now=NOON + network / 10, page="free-clips.example")
    key.refresh_from_db()
    assert key.state == KeyState.ACTIVE
    report = key.leak_reports.get()
    assert (report.is_shadow, report.state) == (True, LeakState.OPEN)
    assert not Notification.objects.filter(user=artist, kind="key.frozen").exists()
    assert Notification.objects.filter(user=admin, kind="leak.noticed").count() == 1
    leak_reports.note(actor=admin, report=report)
    report.refresh_from_db()
    assert (report.state, report.closed_by) == (LeakState.NOTED, admin)
    with pytest.raises(IllegalTransition):
        leak_reports.note(actor=admin, report=report)


def test_each_cohort_has_its_line(key: AccessKey, admin: User, cohort: Cohort) -> None:
    leaks.set_policy(actor=admin, cohort=cohort, line=500, more_networks=10, is_shadow=False)
    for network in range(9):
        use_from(key, network, now=NOON + network / 10, page="free-clips.example")
    assert not LeakReport.objects.exists()
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.before["line"], entry.after["line"]) == (
        "leak.policy_set",
        100,
        500,
    )


def test_an_admin_of_another_cohort_sets_no_line(cohort: Cohort, artist: User) -> None:
    with pytest.raises(NotAllowed):
        leaks.set_policy(actor=artist, cohort=cohort, line=500, more_networks=0, is_shadow=True)


def test_that_was_me_thaws_and_is_ordinary_from_then_on(key: AccessKey, artist: User) -> None:
    report = make_leak(key)
    key.refresh_from_db()
    leaks.confirm(actor=artist, key=key)
    key.refresh_from_db()
    report.refresh_from_db()
    assert (key.state, key.reason) == (KeyState.ACTIVE, "")
    assert (report.state, report.closed_by) == (LeakState.CONFIRMED, artist)
    assert LeakBaseline.objects.get(person=artist).allowance == {
        "networks": 0,
        "networks_at_once": 2,
        "start_networks": 2,
        "clients": 0,
        "page_networks": 4,
    }
    for network in range(5):
        use_from(key, network, now=NOON + network / 10, page="free-clips.example")
    assert LeakReport.objects.count() == 1


def test_only_its_owner_confirms_and_only_a_leak(
    key: AccessKey, artist: User, other_artist: User, admin: User, cohort: Cohort
) -> None:
    make_leak(key)
    for person in (other_artist, admin):
        with pytest.raises(NotAllowed):
            leaks.confirm(actor=person, key=key)
    leaks.confirm(actor=artist, key=key)
    with pytest.raises(IllegalTransition):
        leaks.confirm(actor=artist, key=key)
    access_keys.freeze_key(actor=admin, key=key, reason="It lay about")
    with pytest.raises(NotAllowed):
        leaks.confirm(actor=artist, key=key)


@pytest.mark.parametrize(
    ("way", "state"),
    [
        ("rotate", LeakState.ROTATED),
        ("thaw", LeakState.THAWED),
        ("revoke", LeakState.REVOKED),
    ],
)
def test_every_way_out_closes_the_report(
    way: str, state: LeakState, key: AccessKey, artist: User, admin: User
) -> None:
    report = make_leak(key)
    ways: dict[str, Callable[[], object]] = {
        "rotate": lambda: access_keys.rotate_key(actor=artist, key=key, overlap=timedelta(0)),
        "thaw": lambda: access_keys.thaw_key(actor=admin, key=key),
        "revoke": lambda: access_keys.revoke_key(actor=admin, key=key, reason="It is out"),
    }
    ways[way]()
    report.refresh_from_db()
    assert report.state == state
    assert report.closed_at is not None


def test_a_frozen_key_does_not_live_on_beside_its_successor(key: AccessKey, artist: User) -> None:
    make_leak(key)
    with pytest.raises(IllegalTransition):
        access_keys.rotate_key(actor=artist, key=key, overlap=timedelta(hours=1))
    made = access_keys.rotate_key(actor=artist, key=key, overlap=timedelta(0))
    key.refresh_from_db()
    assert (made.row.standing(), key.standing()) == ("active", "replaced")


def test_the_database_keeps_the_evidence(key: AccessKey, cohort: Cohort) -> None:
    report = make_leak(key)
    changes: list[dict[str, Any]] = [
        {"score": 1},
        {"facts": {}},
        {"findings": []},
        {"is_shadow": True},
    ]
    for change in changes:
        with pytest.raises(ProgrammingError), transaction.atomic():
            LeakReport.objects.filter(pk=report.pk).update(**change)
    with pytest.raises(ProgrammingError), transaction.atomic():
        report.delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        LeakReport.objects.filter(pk=report.pk).update(state=LeakState.NOTED)
    with pytest.raises(IntegrityError), transaction.atomic():
        LeakReport.objects.create(key=key, score=200, line=100, facts={}, findings=[])
    with pytest.raises(IntegrityError), transaction.atomic():
        LeakPolicy.objects.create(cohort=cohort, line=1)


def test_networks_are_forgotten_the_finding_is_kept(key: AccessKey, admin: User) -> None:
    report = make_leak(key)
    access_keys.thaw_key(actor=admin, key=key)
    assert leak_reports.forget_names() == 0
    assert leak_reports.forget_names(now=timezone.now() + timedelta(days=91)) == 1
    report.refresh_from_db()
    assert (report.networks, report.clients) == ([], [])
    assert report.findings


@pytest.mark.parametrize(
    ("headers", "host"),
    [
        ({}, ""),
        ({"Origin": "http://testserver"}, ""),
        ({"Referer": "http://testserver/v1/docs"}, ""),
        ({"Origin": "https://Free-Clips.example"}, "free-clips.example"),
        ({"Referer": "https://user:pass@free-clips.example/x?key=1"}, "free-clips.example"),
        ({"Origin": "null"}, "null"),
        ({"Origin": "https://[broken"}, "null"),
        ({"Origin": "https://" + "a" * 300}, "a" * 100),
    ],
)
def test_a_page_that_is_not_ours(headers: dict[str, str], host: str) -> None:
    request = RequestFactory().get("/v1/videos", headers={"Host": "testserver", **headers})
    assert foreign_page(request) == host


def test_its_owner_reads_why_and_says_it_was_them(key: AccessKey, artist_client: Client) -> None:
    make_leak(key)
    page = artist_client.get(reverse("key_frozen", args=[key.pk]))
    assert page.status_code == 200
    words = page.content.decode()
    assert "Used from 5 networks through a web page that is not ours" in words
    assert "198.0.4.0/24" in words
    asked = artist_client.post(reverse("key_confirm", args=[key.pk]))
    assert asked.status_code == 302
    assert "/accounts/reauthenticate/" in asked.headers["Location"]
    key.refresh_from_db()
    assert key.state == KeyState.FROZEN


def test_a_frozen_keys_form_offers_at_once_alone(key: AccessKey, artist_client: Client) -> None:
    make_leak(key)
    page = artist_client.get(reverse("key_rotate", args=[key.pk])).content.decode()
    assert 'value="0"' in page
    assert 'value="24"' not in page


def test_an_admin_reads_the_evidence_and_sets_the_line(
    key: AccessKey, cohort: Cohort, admin_client: Client
) -> None:
    report = make_leak(key)
    assert "Laptop" in admin_client.get(reverse("leaks")).content.decode()
    assert "120" in admin_client.get(reverse("leak", args=[report.pk])).content.decode()
    here = reverse("leak_policy", args=[cohort.slug])
    assert admin_client.post(here, {"line": "1", "more_networks": "0"}).status_code == 400
    done = admin_client.post(here, {"line": "150", "more_networks": "3", "is_shadow": "on"})
    assert done.status_code == 302
    policy = LeakPolicy.objects.get(cohort=cohort)
    assert (policy.line, policy.more_networks, policy.is_shadow) == (150, 3, True)


def test_an_admin_freezes_a_key_with_a_reason(key: AccessKey, admin_client: Client) -> None:
    here = reverse("programme_key_freeze", args=[key.pk])
    admin_client.post(here, {"reason": ""})
    key.refresh_from_db()
    assert key.state == KeyState.ACTIVE
    admin_client.post(here, {"reason": "It lay about"})
    key.refresh_from_db()
    assert (key.state, key.reason) == (KeyState.FROZEN, "It lay about")


def test_an_admin_sees_only_their_cohorts(key: AccessKey, artist: User) -> None:
    from portal import access
    from portal.states import Role
    from tests.factories.portal import make_person

    report = make_leak(key)
    elsewhere = make_cohort("Elsewhere", actor=make_person("Boss", role=Role.ADMIN))
    join(make_person("Nour"), elsewhere)
    admin = make_person("Iris", role=Role.ADMIN, cohort=elsewhere)
    assert not access.leaks_administered_by(admin).exists()
    assert list(access.leaks_administered_by(make_person("Chief", role=Role.ADMIN))) == [report]

"""Takeouts: who may ask and when, how they are built again, how they end, who may fetch them."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, InternalError, ProgrammingError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from portal import takeout_files, takeouts
from portal.containment import Target
from portal.models import AuditEntry, Cohort, Notification, OutgoingMail, Takeout, User
from portal.services import cohorts, members
from portal.services import takeouts as service
from portal.states import CohortState, Stage
from portal.takeout_errors import TakeoutTooSoon, TakeoutUnderWay
from portal.takeout_states import TakeoutState
from portal.takeouts import Bag, Part
from tests.factories.portal import browser_of, make_containment
from tests.portal.test_races import at_once

REFUSALS = (IntegrityError, InternalError, ProgrammingError)


@pytest.fixture(autouse=True)
def _media(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def stored() -> list[str]:
    """Every file of a takeout in the storage, half-written ones included."""
    root = Path(default_storage.path("takeouts"))
    return sorted(path.name for path in root.rglob("*") if path.is_file())


def made(person: User) -> Takeout:
    takeout = service.ask(actor=person)
    assert service.make_waiting() == 1
    takeout.refresh_from_db()
    return takeout


def only_part(monkeypatch: pytest.MonkeyPatch, write: Callable[[User, Bag], None]) -> None:
    part = Part(key="one", name="one.txt", label="One", about="One.", write=write, order=1)
    monkeypatch.setattr(takeouts, "_parts", [part])


def body(client: Client, takeout: Takeout, **headers: str) -> tuple[int, bytes]:
    response = client.get(reverse("takeout_file", args=[takeout.pk]), headers=headers)
    content = b"".join(response) if response.streaming else response.content
    return response.status_code, content


def test_asked_built_told(artist: User) -> None:
    mails = OutgoingMail.objects.count()
    takeout = made(artist)
    assert takeout.state == TakeoutState.READY
    assert (takeout.holder, takeout.lease_until) == (None, None)
    with default_storage.open(takeout.file) as file:
        content = file.read()
    assert (len(content), hashlib.sha256(content).hexdigest()) == (takeout.size, takeout.sha256)
    assert takeout.ready_at is not None
    assert takeout.expires_at == takeout.ready_at + timedelta(days=7)
    notice = Notification.objects.get(user=artist, kind="takeout.ready")
    assert (notice.title, notice.url) == ("Your takeout is ready", reverse("takeout"))
    assert OutgoingMail.objects.count() == mails + 1
    entries = AuditEntry.objects.filter(target_type="portal.takeout").order_by("id")
    assert [(entry.action, entry.actor) for entry in entries] == [
        ("takeout.asked", artist),
        ("takeout.ready", None),
    ]


def test_one_at_a_time_and_one_a_day(artist: User) -> None:
    takeout = service.ask(actor=artist)
    with pytest.raises(TakeoutUnderWay):
        service.ask(actor=artist)
    service.make_waiting()
    with pytest.raises(TakeoutTooSoon):
        service.ask(actor=artist)
    assert service.next_ask(artist) == takeout.asked_at + timedelta(days=1)


@pytest.mark.django_db(transaction=True)
def test_asked_twice_at_once(artist: User) -> None:
    results = at_once(lambda: service.ask(actor=artist), lambda: service.ask(actor=artist))
    assert sorted(str(result) for result in results) == sorted(
        [str(TakeoutUnderWay), f"takeout of {artist}"]
    )
    assert Takeout.objects.count() == 1


def test_the_database_refuses(artist: User, other_artist: User) -> None:
    takeout = Takeout.objects.create(person=artist)
    changes: list[dict[str, object]] = [
        {"state": "ready"},
        {"state": "failed"},
        {"state": "building"},
        {"state": "lost"},
        {"state": "expired"},
        {"person": other_artist},
    ]
    for change in changes:
        with pytest.raises(REFUSALS), transaction.atomic():
            Takeout.objects.filter(pk=takeout.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        Takeout.objects.create(person=artist)


def test_the_database_lets_one_be_built_at_a_time(artist: User, other_artist: User) -> None:
    """Two of one person, or of two: whoever lost the moment between look and step has none."""
    for person in (artist, other_artist):
        service.ask(actor=person)
    held = {"state": "building", "file": "x", "lease_until": timezone.now()}
    with pytest.raises(IntegrityError), transaction.atomic():
        Takeout.objects.update(holder=uuid4(), **held)
    # One that a dead worker left goes first, although the other one was asked for before.
    left = Takeout.objects.get(person=other_artist)
    Takeout.objects.filter(pk=left.pk).update(holder=uuid4(), **held)
    assert service.make_waiting() == 2
    assert {each.state for each in Takeout.objects.all()} == {"ready"}


def test_a_killed_worker_is_replaced(artist: User) -> None:
    takeout = service.ask(actor=artist)
    token = uuid4()
    name = takeout_files.name_of(token)
    partial = Path(default_storage.path(name))
    partial.parent.mkdir(parents=True)
    partial.with_name(f".{partial.name}.part").write_bytes(b"half a file")
    rows = Takeout.objects.filter(pk=takeout.pk)
    held = {"state": "building", "holder": token, "file": name, "tries": 1}
    rows.update(lease_until=timezone.now() + timedelta(minutes=1), **held)
    assert service.make_waiting() == 0
    rows.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert service.make_waiting() == 1
    takeout.refresh_from_db()
    assert (takeout.state, takeout.tries) == ("ready", 2)
    assert stored() == [Path(takeout.file).name]


def test_who_lost_the_lease_writes_nothing(artist: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def taken_over(person: User, bag: Bag) -> None:
        Takeout.objects.update(holder=uuid4())
        bag.text("one.txt", "mine")

    only_part(monkeypatch, taken_over)
    service.ask(actor=artist)
    assert service.make_waiting() == 0
    assert Takeout.objects.get().state == "building"
    assert stored() == []


def test_what_goes_wrong_is_tried_three_times(
    artist: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(person: User, bag: Bag) -> None:
        bag.text("one.txt", "some")
        raise OSError("the disk is full")

    only_part(monkeypatch, broken)
    takeout = service.ask(actor=artist)
    assert service.make_waiting() == 0
    takeout.refresh_from_db()
    assert (takeout.state, takeout.problem, takeout.tries) == ("failed", "error", 3)
    assert stored() == []
    assert Notification.objects.filter(user=artist, kind="takeout.failed").count() == 1
    service.ask(actor=artist)


def test_it_is_over_and_gone(artist: User) -> None:
    takeout = made(artist)
    assert service.remove_due() == 0
    Takeout.objects.update(
        ready_at=timezone.now() - timedelta(days=8), expires_at=timezone.now() - timedelta(days=1)
    )
    assert body(browser_of(artist), takeout)[0] == 404
    assert service.remove_due() == 1
    takeout.refresh_from_db()
    assert (takeout.state, takeout.file, stored()) == ("expired", "", [])
    assert service.remove_due() == 0


@pytest.mark.django_db(transaction=True)
def test_a_revocation_takes_it_back(artist: User) -> None:
    takeout = made(artist)
    assert service.withdraw(person=artist, problem="revoked") == 1
    takeout.refresh_from_db()
    assert (takeout.state, takeout.problem, stored()) == ("expired", "revoked", [])
    service.ask(actor=artist)


def test_what_is_being_built_begins_anew_after_a_revocation(
    artist: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = []

    def revoked_meanwhile(person: User, bag: Bag) -> None:
        bag.text("one.txt", "one")
        turns.append(person)
        if len(turns) == 1:
            service.withdraw(person=person, problem="revoked")

    only_part(monkeypatch, revoked_meanwhile)
    service.ask(actor=artist)
    assert service.make_waiting() == 1
    assert len(turns) == 2
    assert len(stored()) == 1


def test_only_its_owner_fetches_it(
    artist: User, other_artist: User, admin: User, reviewer: User
) -> None:
    takeout = made(artist)
    status, content = body(browser_of(artist), takeout)
    assert status == 200
    assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None
    for person in (other_artist, admin, reviewer):
        assert body(browser_of(person), takeout)[0] == 404
    assert body(Client(), takeout)[0] == 302
    assert [entry.actor for entry in AuditEntry.objects.filter(action="takeout.fetched")] == [
        artist
    ]


def test_in_parts(artist: User) -> None:
    takeout = made(artist)
    client = browser_of(artist)
    whole = body(client, takeout)[1]
    assert body(client, takeout, Range="bytes=10-19") == (206, whole[10:20])
    assert body(client, takeout, Range=f"bytes={len(whole)}-")[0] == 416
    assert body(client, takeout, Range="bytes=3-", **{"If-Range": '"another"'}) == (200, whole)
    assert AuditEntry.objects.filter(action="takeout.fetched").count() == 2


def test_a_fetch_asks_for_a_recent_proof(artist: User) -> None:
    takeout = made(artist)
    client = Client()
    client.force_login(artist)
    response = client.get(reverse("takeout_file", args=[takeout.pk]))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_reauthenticate"))


def test_after_the_end_and_while_contained(artist: User, admin: User, cohort: Cohort) -> None:
    members.leave(actor=artist, membership=artist.memberships.get())
    make_containment(Target(stage=Stage.EVERYTHING), actor=admin)
    cohorts.change_state(actor=admin, cohort=cohort, state=CohortState.CLOSED)
    client = browser_of(artist)
    assert client.post(reverse("takeout")).status_code == 302
    assert service.make_waiting() == 1
    assert body(client, Takeout.objects.get())[0] == 200


def test_the_page_shows_how_far_it_is(artist: User) -> None:
    takeout = service.ask(actor=artist)
    client = browser_of(artist)
    assert "Waiting for its turn" in client.get(reverse("takeout")).content.decode()
    Takeout.objects.filter(pk=takeout.pk).update(
        state="building",
        holder=uuid4(),
        lease_until=timezone.now(),
        file="x",
        part="clips",
        parts_done=2,
    )
    page = client.get(reverse("takeout_live")).content.decode()
    assert f"2 of {len(takeouts.parts())} parts" in page
    assert "Clips" in page


def test_asking_too_often_is_said(artist: User) -> None:
    client = browser_of(artist)
    client.post(reverse("takeout"))
    page = client.post(reverse("takeout"), follow=True).content.decode()
    assert "Your takeout is being made already." in page

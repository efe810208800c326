"""Testing sessions: recorded once, confirmed by people or silence, paid by the minute."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from payments.by_the_hour import pay_for
from payments.errors import BadRate, ReasonMissing
from payments.models import Entry, TestingSession, WorkItem
from payments.proofs import faults
from payments.queries import liability_of
from payments.services import sessions
from payments.services.rates import set_rate
from payments.services.session_terms import set_terms
from payments.session_errors import (
    BadSessionTerms,
    OwnSession,
    SessionInFuture,
    SessionMoved,
    SessionOutside,
    SessionOverlaps,
    SessionRuns,
    SessionStretch,
    SessionUntold,
)
from payments.session_states import Confirmer, SessionState
from payments.states import CapPeriod, RateKind
from portal.models import Cohort, Membership, Notification, OutgoingMail, User
from portal.states import Role
from tests.factories.payments import make_artist, make_session, make_session_rate
from tests.factories.portal import browser_of, make_cohort, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort() -> Cohort:
    return make_cohort()


@pytest.fixture
def artist(cohort: Cohort) -> User:
    return make_artist(cohort)


@pytest.fixture(autouse=True)
def _books_in_order(db: None) -> Iterator[None]:
    yield
    assert list(faults()) == []


def move(session: TestingSession, **values: object) -> TestingSession:
    """Let time pass for one row."""
    TestingSession.objects.filter(pk=session.pk).update(**values)
    session.refresh_from_db()
    return session


def test_a_clock_is_stopped_confirmed_and_paid_to_the_minute(cohort: Cohort, artist: User) -> None:
    make_session_rate(cohort, 22_50)
    admin = make_person(role=Role.ADMIN, cohort=cohort)
    token = uuid.uuid4()
    running = sessions.start(actor=artist, cohort=cohort, token=token)

    assert sessions.start(actor=artist, cohort=cohort, token=token) == running
    with pytest.raises(SessionRuns):
        sessions.start(actor=artist, cohort=cohort, token=uuid.uuid4())
    with pytest.raises(SessionUntold):
        sessions.stop(actor=artist, session=running, tested="  ")

    move(running, started_at=timezone.now() - timedelta(minutes=50, seconds=30))
    stopped = sessions.stop(actor=artist, session=running, tested="Rain on water")
    assert (stopped.state, stopped.minutes, stopped.confirmer) == ("recorded", 51, "admins")
    assert not WorkItem.objects.exists()
    with pytest.raises(SessionMoved):
        sessions.stop(actor=artist, session=running, tested="Again")

    sessions.confirm(actor=admin, session=stopped)
    sessions.confirm(actor=admin, session=stopped)
    work = WorkItem.objects.get()
    # 51 minutes of an hour at 22.50 are 19.125: the half cent is the artist's.
    assert (work.kind, work.amount_minor, work.about) == (
        "testing_session",
        19_13,
        "Rain on water",
    )
    assert liability_of(artist, "EUR") == 19_13
    assert Entry.objects.get().cause == f"work:{work.pk}"
    with pytest.raises(SessionMoved):
        sessions.correct(actor=artist, session=stopped, tested="More", minutes=500)
    with pytest.raises(SessionMoved):
        sessions.withdraw(actor=artist, session=stopped)


def test_pay_is_rounded_in_the_artists_favour() -> None:
    assert [pay_for(minutes=m, hour_minor=1000) for m in (1, 6, 59, 60)] == [17, 100, 984, 1000]
    assert pay_for(minutes=1, hour_minor=1) == 1


def test_silence_confirms_and_a_question_stops_it(cohort: Cohort, artist: User) -> None:
    make_session_rate(cohort, 20_00)
    set_terms(actor=None, cohort=cohort, confirm_days=3, longest_minutes=60)
    admin = make_person(role=Role.ADMIN, cohort=cohort)
    quiet = make_session(artist, cohort, ago=timedelta(hours=9), minutes=60)
    asked = make_session(artist, cohort, ago=timedelta(hours=5), minutes=30)
    assert quiet.due_at is not None
    assert timedelta(days=2, hours=23) < quiet.due_at - timezone.now() <= timedelta(days=3)

    with pytest.raises(ReasonMissing):
        sessions.ask_back(actor=admin, session=asked, why=" ")
    sessions.ask_back(actor=admin, session=asked, why="Was there a break?")
    assert OutgoingMail.objects.filter(to__contains=artist.email).count() == 1
    past = timezone.now() - timedelta(minutes=1)
    for session in (quiet, asked):
        move(session, due_at=past)

    assert (sessions.confirm_silent(), sessions.confirm_silent()) == (1, 0)
    quiet.refresh_from_db()
    assert (quiet.state, quiet.confirmed_by) == (SessionState.CONFIRMED, None)
    assert WorkItem.objects.get().amount_minor == 20_00

    again = sessions.correct(actor=artist, session=asked, tested="With a break", minutes=20)
    assert (again.state, again.minutes) == (SessionState.RECORDED, 20)
    with pytest.raises(ReasonMissing):
        sessions.reject(actor=admin, session=again, why="")
    refused = sessions.reject(actor=admin, session=again, why="You were on stage then.")
    assert (refused.state, refused.answer) == ("rejected", "You were on stage then.")
    assert WorkItem.objects.count() == 1


def test_a_forgotten_clock_is_stopped_and_neither_paid_nor_lost(
    cohort: Cohort, artist: User
) -> None:
    make_session_rate(cohort, confirmed_by=Confirmer.NOBODY)
    running = sessions.start(actor=artist, cohort=cohort, token=uuid.uuid4())
    assert sessions.stop_forgotten() == 0
    move(running, started_at=timezone.now() - timedelta(hours=9))

    assert (sessions.stop_forgotten(), sessions.stop_forgotten()) == (1, 0)
    running.refresh_from_db()
    assert (running.state, running.minutes) == (SessionState.ASKED, 480)
    assert Notification.objects.filter(user=artist, kind="session.stopped").count() == 1
    assert not WorkItem.objects.exists()

    # Nobody has to confirm here, so what its artist says counts at once.
    done = sessions.correct(actor=artist, session=running, tested="Forgot it", minutes=90)
    assert (done.state, done.minutes) == (SessionState.CONFIRMED, 90)
    assert WorkItem.objects.get().amount_minor == 33_75


def test_time_that_cannot_have_been_is_refused(cohort: Cohort, artist: User) -> None:
    held = make_session(artist, cohort, ago=timedelta(hours=10), minutes=60)
    with pytest.raises(SessionOverlaps):
        make_session(artist, cohort, ago=timedelta(hours=9, minutes=30), minutes=60)
    with pytest.raises(SessionInFuture):
        make_session(artist, cohort, ago=timedelta(minutes=10), minutes=30)
    for minutes in (0, -5, 1_441):
        with pytest.raises(SessionStretch):
            make_session(artist, cohort, ago=timedelta(days=3), minutes=minutes)
    with pytest.raises(SessionOutside):
        make_session(artist, make_cohort(), ago=timedelta(hours=5))
    beside = make_session(artist, cohort, ago=timedelta(hours=5), minutes=60)
    with pytest.raises(SessionOverlaps):
        sessions.correct(
            actor=artist, session=beside, tested="x", started_at=held.started_at, minutes=5
        )
    # What is withdrawn no longer stands in the way, and another person never did.
    sessions.withdraw(actor=artist, session=held)
    make_session(artist, cohort, ago=timedelta(hours=9, minutes=30), minutes=60)
    make_session(make_artist(cohort), cohort, ago=timedelta(hours=5), minutes=60)
    Membership.objects.filter(user=artist).update(
        ended_at=timezone.now() - timedelta(days=2), ended_how="left"
    )
    with pytest.raises(SessionOutside):
        make_session(artist, cohort, ago=timedelta(hours=30), minutes=5)
    with pytest.raises(SessionOutside):
        sessions.start(actor=artist, cohort=cohort, token=uuid.uuid4())


def test_the_database_refuses_as_well(cohort: Cohort, artist: User) -> None:
    make_session_rate(cohort)
    held = make_session(artist, cohort)
    admin = make_person(role=Role.ADMIN, cohort=cohort)
    with pytest.raises(OwnSession):
        sessions.confirm(actor=artist, session=held)
    row = {
        "artist": artist,
        "cohort": cohort,
        "state": "running",
        "by_clock": True,
        "started_at": held.started_at + timedelta(minutes=5),
    }
    changes: tuple[dict[str, object], ...] = (
        {},
        {"state": "recorded", "ended_at": held.started_at - timedelta(days=9)},
        {"state": "confirmed", "ended_at": held.ended_at},
    )
    for change in changes:
        with pytest.raises(DatabaseError), transaction.atomic():
            TestingSession.objects.create(**{**row, **change})
    now = timezone.now()
    steps: tuple[tuple[dict[str, object], str], ...] = (
        ({"state": "confirmed", "confirmed_at": now, "confirmed_by": artist}, "not_of_oneself"),
        ({"state": "rejected", "answered_by": admin}, "answered_in_words"),
        ({"state": "rejected", "answer": "No."}, "rejected_by_a_person"),
        ({"ended_at": held.started_at + timedelta(hours=25)}, "ends_within_a_day"),
        ({"state": "running", "ended_at": None}, "transition"),
    )
    for change, error in steps:
        with pytest.raises(DatabaseError, match=error), transaction.atomic():
            TestingSession.objects.filter(pk=held.pk).update(**change)
    done = sessions.confirm(actor=admin, session=held)
    with pytest.raises(DatabaseError), transaction.atomic():
        TestingSession.objects.filter(pk=done.pk).update(tested="Something else")
    with pytest.raises(DatabaseError), transaction.atomic():
        TestingSession.objects.filter(pk=done.pk).delete()


def test_hours_have_no_cap_and_pieces_no_confirmer(cohort: Cohort) -> None:
    def tries(kind: RateKind, **terms: object) -> None:
        with pytest.raises(BadRate):
            set_rate(
                actor=None,
                cohort=cohort,
                kind=kind,
                amount_minor=1,
                currency="EUR",
                **terms,  # type: ignore[arg-type]
            )

    tries(RateKind.TESTING_SESSION, cap_count=3, cap_period=CapPeriod.WEEK)
    tries(RateKind.FEEDBACK, confirmed_by=Confirmer.FINANCE)
    with pytest.raises(BadSessionTerms):
        set_terms(actor=None, cohort=cohort, confirm_days=0, longest_minutes=60)


def test_pages_keep_what_was_typed_and_show_the_clock(cohort: Cohort, artist: User) -> None:
    make_session_rate(cohort, confirmed_by=Confirmer.FINANCE)
    mine = browser_of(artist)
    typed = {
        "token": str(uuid.uuid4()),
        "cohort": cohort.pk,
        "day": "2026-01-05",
        "begins": "10:00",
        "minutes": "30",
        "tested": "",
    }
    refused = mine.post("/work/sessions/new/", typed)
    assert refused.status_code == 400
    assert "Say in a few words what you tested." in refused.content.decode()
    assert 'value="30"' in refused.content.decode()
    assert mine.post("/work/sessions/new/", {**typed, "tested": "Fog"}).status_code == 302
    assert mine.post("/work/sessions/new/", {**typed, "tested": "Fog"}).status_code == 302
    session = TestingSession.objects.get()
    assert mine.post("/work/sessions/start/", typed).status_code == 302
    assert "data-running-since" not in mine.get("/work/sessions/").content.decode()
    clock = {"token": str(uuid.uuid4()), "cohort": cohort.pk}
    mine.post("/work/sessions/start/", clock)
    assert "data-running-since" in mine.get("/work/sessions/").content.decode()
    kept = mine.post(
        f"/work/sessions/{session.pk}/",
        {"day": "2026-01-05", "begins": "10:00", "minutes": "30", "tested": "Fog at dawn"},
    )
    assert kept.status_code == 302
    before = session.started_at
    session.refresh_from_db()
    assert (session.started_at, session.tested) == (before, "Fog at dawn")

    # The rate card names finance: an admin of the cohort does not see it.
    admin: Client = browser_of(make_person(role=Role.ADMIN, cohort=cohort))
    finance = browser_of(make_person(role=Role.FINANCE))
    assert "Fog at dawn" not in admin.get("/programme/sessions/").content.decode()
    assert admin.post(f"/programme/sessions/{session.pk}/confirm/").status_code == 404
    assert "Fog at dawn" in finance.get("/programme/sessions/").content.decode()
    asked = finance.post(f"/programme/sessions/{session.pk}/answer/", {"outcome": "ask", "why": ""})
    assert (asked.status_code, "Please say why." in asked.content.decode()) == (400, True)
    assert finance.post(f"/programme/sessions/{session.pk}/confirm/").status_code == 302
    assert "An hour pays" in mine.get("/work/sessions/").content.decode()

"""The floor of an hour's pay: reached once, to the minor unit, whatever arrives when."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from fractions import Fraction

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from payments.by_the_hour import top_up_due
from payments.errors import BadRate, RateInThePast
from payments.floor_queries import hours_of
from payments.models import PayFloor, TopUp, WorkItem
from payments.proofs import faults
from payments.queries import liability_of
from payments.services import sessions
from payments.services.accrual import correct_work
from payments.services.floors import reckon_all, set_floor
from payments.session_states import Confirmer
from portal.models import Cohort, User
from portal.states import Role
from tests.factories.payments import make_artist, make_session_rate
from tests.factories.portal import browser_of, make_cohort, make_person

MONTH = date(2026, 3, 1)

# Minutes and pay that one event of a month brings; a correction brings pay below zero.
EVENTS = st.lists(st.tuples(st.integers(0, 600), st.integers(-5_000, 20_000)), max_size=8)


@settings(max_examples=200, deadline=None)
@given(events=EVENTS, hour=st.integers(0, 5_000), data=st.data())
def test_a_month_reaches_its_floor_and_no_more(
    events: list[tuple[int, int]], hour: int, data: st.DataObject
) -> None:
    ends = []
    for order in (events, data.draw(st.permutations(events))):
        minutes = pay = topped = 0
        for more_minutes, more_pay in order:
            minutes, pay = minutes + more_minutes, pay + more_pay
            for _again in range(2):
                topped += top_up_due(
                    minutes=minutes, pay_minor=pay, hour_minor=hour, topped_minor=topped
                )
            floor = Fraction(minutes * hour, 60)
            assert topped >= 0
            assert pay + topped >= floor
            assert topped == 0 or pay + topped < floor + 1
        ends.append(topped)
    assert ends[0] == ends[1]


@pytest.fixture
def cohort(db: None) -> Cohort:
    return make_cohort()


def make_floor(cohort: Cohort, hour_minor: int = 20_00) -> PayFloor:
    """One that has held for long."""
    return PayFloor.objects.create(
        cohort=cohort, version=1, amount_minor=hour_minor, currency="EUR", effective_from=MONTH
    )


@pytest.mark.django_db
def test_a_month_is_topped_up_and_so_is_what_arrives_late(cohort: Cohort, artist: User) -> None:
    """A rate below the floor is topped up once, and again for what arrives late."""
    make_session_rate(cohort, 12_00, Confirmer.NOBODY)
    make_floor(cohort)

    def tested(day: int, minutes: int) -> WorkItem:
        session = sessions.enter(
            actor=artist,
            cohort=cohort,
            started_at=timezone.make_aware(datetime(2026, 3, day, 10)),
            minutes=minutes,
            tested="Rain on water",
            token=uuid.uuid4(),
        )
        return session.work_items.get()

    first = tested(3, 90)
    assert first.amount_minor == 18_00
    assert (reckon_all(), reckon_all()) == (1, 0)
    assert [row.amount_minor for row in TopUp.objects.all()] == [12_00]
    assert liability_of(artist, "EUR") == 30_00

    late = tested(5, 10)
    assert late.amount_minor == 2_00
    assert (reckon_all(), reckon_all()) == (1, 0)
    # 100 minutes at 20.00 are 33.333…, rounded in the artist's favour.
    assert liability_of(artist, "EUR") == 33_34
    shown = hours_of(artist)
    assert [(row.minutes, row.pay_minor, row.topped_minor, row.lacks_minor) for row in shown] == [
        (100, 20_00, 13_34, 0)
    ]
    assert shown[0].hourly_minor == 20_00

    # Time that was taken back counts neither as time nor as pay: the top-up for it goes as well.
    finance = make_person(role=Role.FINANCE)
    correct_work(actor=finance, work=first, reason="Recorded twice")
    assert (reckon_all(), reckon_all()) == (1, 0)
    assert liability_of(artist, "EUR") == 3_34
    assert [row.number for row in TopUp.objects.order_by("number")] == [1, 2, 3]
    assert list(faults()) == []

    page = browser_of(artist).get("/earnings/").content.decode()
    assert "What an hour paid" in page
    for row in (TopUp.objects.all(), PayFloor.objects.all()):
        with pytest.raises(DatabaseError), transaction.atomic():
            row.update(amount_minor=1)


@pytest.fixture
def artist(cohort: Cohort) -> User:
    return make_artist(cohort)


@pytest.mark.django_db
def test_the_running_month_is_not_reckoned_and_never_lowered(cohort: Cohort, artist: User) -> None:
    finance = make_person(role=Role.FINANCE)
    today = timezone.localdate()
    page = f"/programme/cohorts/{cohort.slug}/floor/"
    browser = browser_of(finance)
    assert browser.post(page, {"amount": "20.00", "month": str(today)}).status_code == 302
    floor = PayFloor.objects.get()
    assert (floor.amount_minor, floor.effective_from) == (20_00, today.replace(day=1))
    assert browser.post(page, {"amount": "19.00", "month": str(today)}).status_code == 400
    assert browser.post(page, {"amount": "21.005", "month": str(today)}).status_code == 400
    with pytest.raises(RateInThePast):
        set_floor(
            actor=finance,
            cohort=cohort,
            amount_minor=30_00,
            currency="EUR",
            month=today.replace(day=1) - timedelta(days=1),
        )
    with pytest.raises(BadRate):
        set_floor(actor=finance, cohort=cohort, amount_minor=-1, currency="EUR", month=today)

    make_session_rate(cohort, 12_00, Confirmer.NOBODY)
    now = timezone.now()
    sessions.start(actor=artist, cohort=cohort, token=uuid.uuid4())
    stopped = sessions.stop(actor=artist, session=artist.testing_sessions.get(), tested="A minute")
    assert stopped.started_at >= now
    assert reckon_all() == 0
    assert hours_of(artist)[0].lacks_minor == 14


def test_a_floor_has_no_word_for_approval_rating_or_sentiment() -> None:
    names = {field.name for field in PayFloor._meta.get_fields()}
    assert names == {
        *("id", "cohort", "version", "amount_minor", "currency", "effective_from"),
        *("set_by", "set_at", "top_ups"),
    }

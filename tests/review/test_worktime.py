"""Working time: properties that hold whatever the calendar, the night and the season."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from review.holidays import closed_on, next_holidays
from review.worktime import Calendar, NoWorkingTime

PARIS = ZoneInfo("Europe/Paris")
MINUTES = st.integers(1, 40 * 60).map(lambda minutes: timedelta(minutes=minutes))
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    opens = draw(st.integers(0, 22))
    return Calendar(
        days=frozenset(draw(st.sets(st.integers(0, 6), min_size=1))),
        opens=time(opens),
        closes=time(draw(st.integers(opens + 1, 23)), draw(st.sampled_from([0, 30]))),
        zone=ZoneInfo(
            draw(st.sampled_from(["Europe/Paris", "America/New_York", "Asia/Kolkata", "UTC"]))
        ),
        closed=frozenset(draw(st.sets(st.dates(date(2025, 1, 1), date(2027, 1, 1)), max_size=9))),
    )


@settings(max_examples=60, deadline=None)
@given(calendars(), MOMENTS, MINUTES, MINUTES)
def test_working_time_adds_up_and_stays_in_working_hours(
    calendar: Calendar, moment: datetime, first: timedelta, second: timedelta
) -> None:
    there = calendar.after(moment, first)
    further = calendar.after(there, second)
    assert calendar.after(moment, first + second) == further
    assert moment + first <= there < further
    assert calendar.after(moment + second, first) >= there
    for landed in (there, further):
        local = landed.astimezone(calendar.zone)
        span = calendar.span(local.date())
        assert span is not None
        assert span[0] < landed <= span[1]
        assert calendar.is_open(landed - timedelta(microseconds=1))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


@pytest.mark.parametrize(
    ("moment", "hours", "due"),
    [
        # A Friday afternoon, over a weekend and the first of May.
        ("2026-04-30T16:00", 2, "2026-05-04T10:00"),
        # Until the last moment of a day, and from before it opens.
        ("2026-04-28T07:00", 8, "2026-04-28T17:00"),
        ("2026-04-28T17:00", 1, "2026-04-29T10:00"),
        # The clocks change in the night to Sunday, 29 March 2026.
        ("2026-03-27T16:00", 16, "2026-03-31T16:00"),
        # Typed in by an admin.
        ("2026-12-23T16:00", 2, "2026-12-28T10:00"),
    ],
)
def test_days_that_are_known(moment: str, hours: int, due: str) -> None:
    calendar = Calendar(
        days=frozenset(range(5)),
        opens=time(9),
        closes=time(17),
        zone=PARIS,
        closed=closed_on("FR", "", [date(2026, 12, 24)]),
    )
    assert calendar.after(at(moment), timedelta(hours=hours)) == at(due)


def test_a_night_in_which_the_clocks_change_has_its_real_length() -> None:
    night = Calendar(days=frozenset(range(7)), opens=time(1), closes=time(5), zone=PARIS)
    spans = [night.span(day) for day in (date(2026, 3, 29), date(2026, 10, 25))]
    assert [end - start for start, end in filter(None, spans)] == [
        timedelta(hours=3),
        timedelta(hours=5),
    ]


def test_a_calendar_without_a_working_day_says_so() -> None:
    class Always:
        def __contains__(self, day: object) -> bool:
            return True

    never = Calendar(
        days=frozenset({0}), opens=time(9), closes=time(17), zone=PARIS, closed=Always()
    )
    with pytest.raises(NoWorkingTime):
        never.after(at("2026-04-28T07:00"), timedelta(hours=1))


def test_holidays_have_names_in_the_readers_language() -> None:
    found = list(next_holidays("FR", "", after=date(2026, 12, 1), language="fr"))
    assert found[0] == (date(2026, 12, 25), "Noël")

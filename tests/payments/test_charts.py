"""The picture of earnings: its figures are the books', its bars stand where they should."""

from __future__ import annotations

import itertools
from datetime import date

import pytest
from django.test import override_settings
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from payments.charts import earnings_chart, ticks_for
from payments.months import Month, months_by_currency
from payments.schedule import next_payout_on
from payments.services.accrual import adjust
from portal.models import Cohort, User
from tests.factories.payments import make_sent, make_settled, make_work
from tests.factories.portal import browser_of

AMOUNTS = st.integers(-(10**12), 10**12)


@given(AMOUNTS, AMOUNTS, st.sampled_from([1, 100, 1000]))
def test_ticks_hold_every_amount_between_round_ones(one: int, other: int, unit: int) -> None:
    lowest, highest = min(0, one, other), max(0, one, other)
    levels = ticks_for(lowest, highest, unit)

    assert levels[0] <= lowest <= highest <= levels[-1]
    assert 0 in levels
    assert 2 <= len(levels) <= 7
    [step] = {after - before for before, after in itertools.pairwise(levels)}
    assert step % unit == 0


def test_bars_stand_on_zero_and_point_both_ways() -> None:
    months = [
        Month(first=date(2025, 12, 1), earned_minor=40_00, paid_minor=0, owed_minor=40_00),
        Month(first=date(2026, 1, 1), earned_minor=-50_00, paid_minor=1, owed_minor=-10_00),
    ]
    chart = earnings_chart(months, "EUR", width=400, height=254)

    assert [tick.label for tick in chart.ticks] == ["−€50", "€0", "€50"]
    [zero] = [float(tick.y) for tick in chart.ticks if tick.is_zero]
    up, down = (group.earned for group in chart.groups)
    assert up is not None
    assert down is not None
    assert float(up.y) + float(up.height) == pytest.approx(zero, abs=0.1)
    assert (float(down.y), float(down.height)) == pytest.approx((zero, 100), abs=0.1)
    assert chart.groups[0].paid is None
    cent = chart.groups[1].paid
    assert cent is not None
    assert float(cent.height) == 1.5
    assert [group.year for group in chart.groups] == ["2025", "2026"]


@pytest.mark.django_db
def test_the_page_shows_what_was_earned_and_arrived(
    cohort: Cohort, artist: User, admin: User, second_admin: User
) -> None:
    make_work(artist, cohort, 30_00)
    make_settled(admin, second_admin, cohort)
    make_work(artist, cohort, 20_00)
    make_sent(admin, second_admin, cohort)
    make_work(artist, cohort, 10_00)
    adjust(
        actor=admin,
        artist=artist,
        cohort=cohort,
        amount_minor=-1_00,
        currency="EUR",
        reason="Counted twice",
    )
    months = months_by_currency(artist)["EUR"]

    assert len(months) == 12
    assert months[-1] == Month(
        first=timezone.localdate().replace(day=1),
        earned_minor=59_00,
        paid_minor=30_00,
        owed_minor=9_00,
    )
    assert {month.earned_minor for month in months[:-1]} == {0}
    with override_settings(PAYOUT_DAY=25):
        page = browser_of(artist).get("/earnings/").content.decode()
    assert page.count('<svg class="chart ') == 2
    assert "€59.00" in page
    assert "style=" not in page
    assert "Next payout" in page


@override_settings(PAYOUT_DAY=25)
@pytest.mark.parametrize(
    ("today", "day"),
    [
        # 25 October 2026 is a Sunday, 25 July a Saturday.
        (date(2026, 9, 26), date(2026, 10, 26)),
        (date(2026, 10, 26), date(2026, 10, 26)),
        (date(2026, 7, 1), date(2026, 7, 27)),
        (date(2026, 11, 25), date(2026, 11, 25)),
        (date(2026, 12, 26), date(2027, 1, 25)),
    ],
)
def test_the_next_payout_is_on_a_working_day(today: date, day: date) -> None:
    assert next_payout_on(today) == day


@override_settings(PAYOUT_DAY=0)
def test_no_day_is_promised() -> None:
    assert next_payout_on(date(2026, 11, 24)) is None

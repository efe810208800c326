"""On which day the programme pays."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings

SATURDAY = 5


def next_payout_on(today: date) -> date | None:
    """The next regular day, today included; None where the programme promises none.

    One that falls on a weekend is the Monday after it: no bank moves money before.
    """
    if not settings.PAYOUT_DAY:
        return None
    # One of the month before may have moved into this month.
    first = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    while (day := _working_day(first.replace(day=settings.PAYOUT_DAY))) < today:
        first = (first + timedelta(days=31)).replace(day=1)
    return day


def _working_day(day: date) -> date:
    return day + timedelta(days=max(0, 7 - day.weekday())) if day.weekday() >= SATURDAY else day

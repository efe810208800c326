"""When a promise is due, by the clock of its cohort. Reads alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from review.models import Clock

if TYPE_CHECKING:
    from portal.models import Cohort


def whole_minute(moment: datetime) -> datetime:
    """The next whole minute: a due time is said in hours and minutes."""
    return moment.replace(second=0, microsecond=0) + timedelta(minutes=1)


def clock_of(cohort: Cohort) -> Clock | None:
    """The cohort's clock, if its promises run in working hours."""
    return Clock.objects.filter(cohort=cohort, is_on=True).first()


def due(cohort: Cohort, moment: datetime, *, hours: int) -> datetime:
    """Until when what is promised within *hours* at *moment* is to be done: a whole minute."""
    return due_by(clock_of(cohort), moment, hours=hours)


def due_by(clock: Clock | None, moment: datetime, *, hours: int) -> datetime:
    """As ``due``, by *clock*; None counts every hour."""
    start, length = whole_minute(moment), timedelta(hours=hours)
    return start + length if clock is None else clock.calendar.after(start, length)


def is_open(cohort: Cohort, moment: datetime) -> bool:
    """Whether the cohort's team works at *moment*; without working hours always."""
    clock = clock_of(cohort)
    return clock is None or clock.calendar.is_open(moment)

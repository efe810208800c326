"""Working time: when a number of hours is over, counting only the hours in which people work.

Knows nothing of the database. Each working day is one span in UTC, as long as it really lasts, so
that a night on which the clocks change neither loses nor gains an hour.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# Far enough for the longest promise at one hour a week.
_LONGEST_SEARCH = 16 * 366
_DAY = timedelta(days=1)


class NoWorkingTime(Exception):
    """The calendar has no working day within sixteen years."""


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """When a team works.

    Attributes:
        days: weekdays, 0 is Monday.
        opens, closes: local times of a working day; it closes later than it opens.
        zone: where these are local.
        closed: days without work, such as public holidays.
    """

    days: frozenset[int]
    opens: time
    closes: time
    zone: ZoneInfo
    closed: Container[date] = field(default_factory=frozenset)

    def span(self, day: date) -> tuple[datetime, datetime] | None:
        """From when until when (UTC) *day* is worked, or None."""
        if day.weekday() not in self.days or day in self.closed:
            return None
        start, end = (
            datetime.combine(day, moment, self.zone).astimezone(UTC)
            for moment in (self.opens, self.closes)
        )
        return (start, end) if start < end else None

    def is_open(self, moment: datetime) -> bool:
        """Whether somebody works at *moment* (aware)."""
        span = self.span(moment.astimezone(self.zone).date())
        return span is not None and span[0] <= moment < span[1]

    def after(self, moment: datetime, length: timedelta) -> datetime:
        """When *length* (positive) of working time has passed since *moment* (aware), in UTC.

        Always within working hours; their last moment counts to them.

        Raises:
            NoWorkingTime
        """
        left = length
        day = moment.astimezone(self.zone).date()
        for _ in range(_LONGEST_SEARCH):
            span = self.span(day)
            if span is not None:
                start, end = max(span[0], moment), span[1]
                if start < end and left <= end - start:
                    return start.astimezone(UTC) + left
                left -= max(end - start, timedelta(0))
            day += _DAY
        raise NoWorkingTime

"""Public holidays, from the ``holidays`` package: the one place that asks it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import holidays


@dataclass(frozen=True)
class Closed:
    """Days on which nobody works: public holidays and those somebody typed in."""

    public: holidays.HolidayBase | None
    typed: frozenset[date]

    def __contains__(self, day: object) -> bool:
        if not isinstance(day, date):
            return False
        return day in self.typed or (self.public is not None and day in self.public)


def closed_on(country: str, region: str, typed: Collection[date]) -> Closed:
    """The days not worked; an empty *country* has no public holidays.

    Raises:
        NotImplementedError: no such country or region is known.
    """
    public = holidays.country_holidays(country, subdiv=region or None) if country else None
    return Closed(public=public, typed=frozenset(typed))


def is_known(country: str, region: str) -> bool:
    """Whether the public holidays of *region* of *country* are known; both may be empty."""
    try:
        closed_on(country, region, ())
    except NotImplementedError:
        return False
    return True


def next_holidays(
    country: str, region: str, *, after: date, language: str
) -> Iterator[tuple[date, str]]:
    """Public holidays from *after* on within a year, each with its name.

    Names come in *language* where the package has it, else in the country's own.
    """
    if not country:
        return
    spoken = holidays.list_localized_countries().get(country, [])
    wanted = next((name for name in spoken if name.split("_")[0] == language), None)
    public = holidays.country_holidays(country, subdiv=region or None, language=wanted)
    for number in range(1, 366):
        day = after + timedelta(days=number)
        if day in public:
            yield day, public[day]

"""Setting in which hours a cohort's promises run."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from portal import access
from portal.errors import NotAllowed
from portal.models import Cohort
from portal.services import audit
from review.clock_errors import DayTooShort, HolidaysUnknown, NeverDue, NoWeekday
from review.clocks import due_by
from review.holidays import is_known
from review.models import Clock
from review.worktime import NoWorkingTime

if TYPE_CHECKING:
    from portal.models import User

SHORTEST_DAY = timedelta(hours=1)
FIELDS = (*("is_on", "days", "opens", "closes", "zone", "country", "region", "closed_days"),)


def checked(
    *,
    cohort: Cohort,
    is_on: bool,
    days: Iterable[int],
    opens: time,
    closes: time,
    zone: str,
    country: str = "",
    region: str = "",
    closed_days: Collection[date] = (),
) -> Clock:
    """A clock that can run, not written anywhere: what a page shows before it is saved.

    Args:
        days: weekdays, 0 is Monday.
        zone: a name of the IANA list.
        country, region: as the package ``holidays`` names them; empty for no public holidays.

    Raises:
        NoWeekday, DayTooShort, HolidaysUnknown, NeverDue
    """
    worked = sorted(set(days))
    if not worked:
        raise NoWeekday(field="days")
    length = datetime.combine(date.min, closes) - datetime.combine(date.min, opens)
    if length < SHORTEST_DAY:
        raise DayTooShort(field="closes")
    if not is_known(country, region):
        raise HolidaysUnknown(field="country")
    clock = Clock(
        cohort=cohort,
        is_on=is_on,
        days=worked,
        opens=opens,
        closes=closes,
        zone=zone,
        country=country,
        region=region,
        closed_days=sorted(set(closed_days)),
    )
    try:
        due_by(clock, timezone.now(), hours=max(cohort.review_hours, cohort.appeal_hours))
    except NoWorkingTime:
        raise NeverDue(field="closed_days") from None
    return clock


def set_clock(*, actor: User, cohort: Cohort, clock: Clock) -> Clock:
    """Keep *clock*, as ``checked`` gave it; it counts for what is handed in from here on.

    A promise that was made stays as it was made.

    Raises:
        NotAllowed: *actor* does not administer the cohort.
    """
    with transaction.atomic():
        locked = Cohort.objects.select_for_update(no_key=True, of=("self",)).get(pk=cohort.pk)
        if not access.cohorts_administered_by(actor).filter(pk=locked.pk).exists():
            raise NotAllowed
        known = Clock.objects.filter(cohort=locked).first()
        before = _facts(known) if known is not None else {}
        after = _facts(clock)
        changed = {name for name in after if after[name] != before.get(name)}
        if known is None:
            known = Clock(cohort=locked)
        elif not changed:
            return known
        for name in FIELDS:
            setattr(known, name, getattr(clock, name))
        known.save()
        audit.record(
            actor=actor,
            action="review.clock_set",
            target=locked,
            cohort=locked,
            before={name: before[name] for name in changed if name in before},
            after={name: after[name] for name in changed},
        )
        return known


def _facts(clock: Clock) -> dict[str, Any]:
    return {
        "is_on": clock.is_on,
        "days": list(clock.days),
        "opens": clock.opens.isoformat("minutes"),
        "closes": clock.closes.isoformat("minutes"),
        "zone": clock.zone,
        "country": clock.country,
        "region": clock.region,
        "closed_days": [day.isoformat() for day in clock.closed_days],
    }

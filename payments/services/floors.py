"""The floor of an hour's pay: set in versions, reached by top-ups once a month is over."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from payments import floor_queries
from payments.by_the_hour import top_up_due
from payments.errors import BadRate, RateInThePast
from payments.models import PayFloor, TopUp
from payments.services.accrual import accrue_top_up
from payments.services.ledger import lock, owed_to, work_expense
from portal.models import Cohort, User
from portal.services import audit
from portal.templatetags.greenroom import CURRENCIES

if TYPE_CHECKING:
    from payments.floor_queries import Month


@transaction.atomic
def set_floor(
    *, actor: User | None, cohort: Cohort, amount_minor: int, currency: str, month: date
) -> PayFloor:
    """Append a version of the floor.

    Args:
        amount_minor: minor units of *currency* an hour; 0 for no floor.
        month: a day of the first month it holds for.

    Raises:
        BadRate: below zero, or a currency nobody here can write.
        RateInThePast: it would begin before this month, or lower the floor of this month.
    """
    if amount_minor < 0:
        raise BadRate(field="amount")
    if currency not in CURRENCIES:
        raise BadRate(_("We cannot pay in that currency."), field="currency")
    begins = month.replace(day=1)
    this_month = timezone.localdate().replace(day=1)
    lock(work_expense(cohort=cohort, currency=currency))
    floors = list(PayFloor.objects.filter(cohort=cohort))
    known = floor_queries.floor_of(floors, begins)
    if begins < this_month:
        raise RateInThePast(
            _("A floor cannot begin in the past: months that are over keep theirs."), field="month"
        )
    if begins == this_month and known is not None and amount_minor < known.amount_minor:
        raise RateInThePast(
            _("The floor of the running month cannot be lowered. Begin with the next month."),
            field="month",
        )
    floor = PayFloor.objects.create(
        cohort=cohort,
        version=len(floors) + 1,
        amount_minor=amount_minor,
        currency=currency,
        effective_from=begins,
        set_by=actor,
    )
    audit.record(
        actor=actor,
        action="floor.set",
        target=floor,
        cohort=cohort,
        before={"amount_minor": known.amount_minor} if known else None,
        after={
            "amount_minor": amount_minor,
            "currency": currency,
            "effective_from": begins.isoformat(),
        },
    )
    return floor


def reckon_all() -> int:
    """Top up every month that is over to its floor; how many top-ups it took.

    Again and again, it adds only what became due since; what arrives late is found by the next.
    """
    this_month = timezone.localdate().replace(day=1)
    count = 0
    for cohort in Cohort.objects.filter(floors__isnull=False).distinct():
        floors = list(PayFloor.objects.filter(cohort=cohort))
        for (artist_id, month), row in sorted(
            floor_queries.months(cohort).items(), key=lambda pair: pair[0]
        ):
            floor = floor_queries.floor_of(floors, month)
            if floor is None or month >= this_month:
                continue
            if _due(row, floor, _topped(artist_id, cohort, month)):
                count += reckon(artist=User.objects.get(pk=artist_id), floor=floor, month=month)
    return count


@transaction.atomic
def reckon(*, artist: User, floor: PayFloor, month: date) -> bool:
    """Add to, or take from, what *artist* was topped up for *month*; whether anything was due."""
    # Whatever is added to this account waits here, so what is read below holds to the end.
    lock(owed_to(artist=artist, currency=floor.currency))
    cohort = floor.cohort
    row = floor_queries.months(cohort, artist)[artist.pk, month]
    due = _due(row, floor, _topped(artist.pk, cohort, month))
    if not due:
        return False
    earlier = TopUp.objects.filter(artist=artist, cohort=cohort, month=month).count()
    top_up = TopUp.objects.create(
        artist=artist,
        cohort=cohort,
        month=month,
        number=earlier + 1,
        floor=floor,
        minutes=row.minutes,
        pay_minor=row.pay.get(floor.currency, 0),
        amount_minor=due,
    )
    accrue_top_up(top_up=top_up)
    return True


def _due(row: Month, floor: PayFloor, topped_minor: int) -> int:
    return top_up_due(
        minutes=row.minutes,
        pay_minor=row.pay.get(floor.currency, 0),
        hour_minor=floor.amount_minor,
        topped_minor=topped_minor,
    )


def _topped(artist_id: int, cohort: Cohort, month: date) -> int:
    rows = TopUp.objects.filter(artist=artist_id, cohort=cohort, month=month)
    return rows.aggregate(total=Sum("amount_minor"))["total"] or 0

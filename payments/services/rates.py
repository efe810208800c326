"""Setting what work pays. A change is a new version; work already done keeps its own."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from payments.errors import BadRate, RateInThePast
from payments.models import RateCard
from payments.services.ledger import lock, work_expense
from payments.session_states import Confirmer
from payments.states import CapPeriod, RateKind
from portal.services import audit
from portal.templatetags.greenroom import CURRENCIES

if TYPE_CHECKING:
    from portal.models import Cohort, User


@transaction.atomic
def set_rate(
    *,
    actor: User | None,
    cohort: Cohort,
    kind: RateKind,
    amount_minor: int,
    currency: str,
    effective_from: date | None = None,
    cap_count: int | None = None,
    cap_period: CapPeriod = CapPeriod.NONE,
    confirmed_by: Confirmer = Confirmer.NOBODY,
) -> RateCard:
    """Append a version to the rate card of *cohort* and *kind*.

    Args:
        amount_minor: minor units of *currency* for one piece of work, or for an hour of a testing
            session; above zero.
        effective_from: first day it holds; today when None.
        cap_count: pieces of one artist paid within *cap_period* at most; None for no cap.
        confirmed_by: who confirms testing sessions; other work is there to be seen.

    Raises:
        BadRate: no amount, a currency nobody here can write, half a cap, or one
            on hours, since time that was spent is paid.
        RateInThePast: it would begin before today.
    """
    today = timezone.localdate()
    begins = effective_from or today
    if amount_minor <= 0:
        raise BadRate(field="amount")
    if currency not in CURRENCIES:
        raise BadRate(_("We cannot pay in that currency."), field="currency")
    if (cap_period == CapPeriod.NONE) != (cap_count is None) or cap_count == 0:
        raise BadRate(_("A limit needs both a number and a period."), field="cap_count")
    if kind == RateKind.TESTING_SESSION and cap_count is not None:
        raise BadRate(_("Time that was spent is paid: hours have no limit."), field="cap_count")
    if kind != RateKind.TESTING_SESSION and confirmed_by != Confirmer.NOBODY:
        raise BadRate(_("Only testing sessions are confirmed."), field="confirmed_by")
    if begins < today:
        raise RateInThePast(field="effective_from")
    lock(work_expense(cohort=cohort, currency=currency))
    newest = RateCard.objects.filter(cohort=cohort, kind=kind).order_by("-version").first()
    rate = RateCard.objects.create(
        cohort=cohort,
        kind=kind,
        version=newest.version + 1 if newest else 1,
        amount_minor=amount_minor,
        currency=currency,
        cap_count=cap_count,
        cap_period=cap_period,
        confirmed_by=confirmed_by,
        effective_from=begins,
        set_by=actor,
    )
    audit.record(
        actor=actor,
        action="rate.set",
        target=rate,
        cohort=cohort,
        before=_named(newest) if newest else None,
        after=_named(rate),
    )
    return rate


def _named(rate: RateCard) -> dict[str, object]:
    return {
        "kind": rate.kind,
        "version": rate.version,
        "amount_minor": rate.amount_minor,
        "currency": rate.currency,
        "cap_count": rate.cap_count,
        "cap_period": rate.cap_period,
        "confirmed_by": rate.confirmed_by,
        "effective_from": rate.effective_from.isoformat(),
    }

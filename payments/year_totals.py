"""What each payee earned and was paid in a year, from the books."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q, Sum

from payments.models import Posting, Remittance
from payments.statements import Period
from payments.states import AccountKind, RemittanceState
from payments.tables import Amount, csv_text
from portal.models import User
from portal.templatetags.greenroom import decimal_amount

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from portal.models import Cohort


@dataclass(frozen=True, kw_only=True)
class YearTotal:
    """One payee in one currency, in minor units.

    ``closing_minor`` is ``opening_minor`` with what was earned, less what was sent, with what came
    back. ``arrived_minor`` is what is known to have reached them in the year, whenever it left.
    """

    payee: User
    currency: str
    opening_minor: int
    earned_minor: int
    sent_minor: int
    returned_minor: int
    arrived_minor: int
    closing_minor: int


def year_totals(year: int, *, cohorts: QuerySet[Cohort] | None = None) -> list[YearTotal]:
    """By name of the payee, then currency; only of *cohorts* where they are given."""
    period = Period(year=year)
    postings = Posting.objects.filter(account__kind=AccountKind.LIABILITY, entry__at__lt=period.end)
    arrived = Remittance.objects.filter(
        state=RemittanceState.SETTLED, closed_at__gte=period.begin, closed_at__lt=period.end
    )
    if cohorts is not None:
        named = list(cohorts.values_list("pk", flat=True))
        postings = postings.filter(
            Q(entry__work__cohort__in=named)
            | Q(entry__payout__cohort__in=named)
            | Q(entry__remittance__payout__cohort__in=named)
        )
        arrived = arrived.filter(payout__cohort__in=named)
    reached = {
        (row["artist"], row["currency"]): row["total"]
        for row in arrived.order_by()
        .values("artist", "currency")
        .annotate(total=Sum("amount_minor"))
    }
    within = Q(entry__at__gte=period.begin)
    rows = (
        postings.order_by()
        .values("account__owner", "currency")
        .annotate(
            opening=Sum("amount_minor", filter=~within),
            sent=Sum("amount_minor", filter=within & Q(entry__payout__isnull=False)),
            returned=Sum("amount_minor", filter=within & Q(entry__remittance__isnull=False)),
            closing=Sum("amount_minor"),
        )
    )
    people = User.objects.in_bulk({row["account__owner"] for row in rows})
    totals = []
    for row in rows:
        opening, closing = -(row["opening"] or 0), -row["closing"]
        sent, returned = row["sent"] or 0, -(row["returned"] or 0)
        one = YearTotal(
            payee=people[row["account__owner"]],
            currency=row["currency"],
            opening_minor=opening,
            earned_minor=closing - opening + sent - returned,
            sent_minor=sent,
            returned_minor=returned,
            arrived_minor=reached.get((row["account__owner"], row["currency"]), 0),
            closing_minor=closing,
        )
        if any((opening, one.earned_minor, sent, returned, one.arrived_minor, closing)):
            totals.append(one)
    return sorted(totals, key=lambda one: (one.payee.name.casefold(), one.payee.pk, one.currency))


def sums(totals: Sequence[YearTotal]) -> list[dict[str, int | str]]:
    """The columns added up, a row for each currency."""
    names = ("opening", "earned", "sent", "returned", "arrived", "closing")
    return [
        {
            "currency": currency,
            **{
                f"{name}_minor": sum(
                    getattr(one, f"{name}_minor") for one in totals if one.currency == currency
                )
                for name in names
            },
        }
        for currency in sorted({one.currency for one in totals})
    ]


def totals_csv(year: int, totals: Sequence[YearTotal]) -> str:
    header = (
        *("year", "payee", "name", "email", "currency", "owed_at_start", "earned", "sent"),
        *("returned", "arrived", "owed_at_end"),
    )
    return csv_text(
        header,
        [
            (
                *(str(year), str(one.payee.pk), one.payee.name, one.payee.email, one.currency),
                *(
                    Amount(decimal_amount(minor, one.currency))
                    for minor in (
                        *(one.opening_minor, one.earned_minor, one.sent_minor),
                        *(one.returned_minor, one.arrived_minor, one.closing_minor),
                    )
                ),
            )
            for one in totals
        ],
    )

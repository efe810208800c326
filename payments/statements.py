"""An artist's account over a month or a year, read from the books line by line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from django.db.models import Sum
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from payments.models import Payout, Posting, Remittance, WorkItem
from payments.states import AccountKind
from payments.tables import Amount, csv_text
from portal.templatetags.greenroom import decimal_amount

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from portal.models import User

FIRST_YEAR, LAST_YEAR = 2000, 9998


@dataclass(frozen=True, kw_only=True)
class Period:
    """A calendar month, or a whole year where ``month`` is None, in the site's time zone."""

    year: int
    month: int | None = None

    @property
    def exists(self) -> bool:
        return FIRST_YEAR <= self.year <= LAST_YEAR and 1 <= (self.month or 1) <= 12

    @property
    def first(self) -> date:
        return date(self.year, self.month or 1, 1)

    @property
    def after(self) -> date:
        """The first day that is not in it any more."""
        if self.month is None or self.month == 12:
            return date(self.year + 1, 1, 1)
        return date(self.year, self.month + 1, 1)

    @property
    def begin(self) -> datetime:
        return _midnight(self.first)

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        return _midnight(self.after)

    @property
    def is_running(self) -> bool:
        return self.first <= timezone.localdate() < self.after

    @property
    def name(self) -> str:
        """``2026`` or ``2026-11``, for file names."""
        return f"{self.year}" if self.month is None else f"{self.year}-{self.month:02d}"

    @property
    def title(self) -> str:
        """``2026``, or the month's name with its year in the current language."""
        return f"{self.year}" if self.month is None else date_format(self.first, "F Y")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One posting on an artist's account: above zero what was earned or came back.

    ``amount_minor`` and ``balance_minor``, what was owed after it, are in minor units. ``text``
    says what it was for in words that stay as they were when it was booked.
    """

    at: datetime
    kind: str
    text: str
    reference: str
    amount_minor: int
    balance_minor: int
    work: WorkItem | None = None
    payout: Payout | None = None
    remittance: Remittance | None = None


@dataclass(frozen=True, kw_only=True)
class Statement:
    """An account over a period in one currency, in minor units.

    ``paid_minor`` is what was sent, ``returned_minor`` what came back of this or an earlier
    period's payouts; ``earned_minor`` is everything else that was booked.
    """

    currency: str
    opening_minor: int
    lines: Sequence[Line]
    earned_minor: int
    paid_minor: int
    returned_minor: int
    closing_minor: int

    @property
    def paid_out_minor(self) -> int:
        """What left the account, below zero."""
        return -self.paid_minor


def statements_of(artist: User, period: Period) -> list[Statement]:
    """One for each currency in which the artist ever had an account, by its code."""
    accounts = artist.ledger_accounts.filter(kind=AccountKind.LIABILITY).order_by("currency")
    return [
        _statement(Posting.objects.filter(account=account), account.currency, period)
        for account in accounts
    ]


def months_of(artist: User) -> list[date]:
    """First days of the months in which something was booked on the artist's account."""
    booked = Posting.objects.filter(
        account__owner=artist, account__kind=AccountKind.LIABILITY
    ).order_by()
    return sorted((at.date() for at in booked.datetimes("entry__at", "month")), reverse=True)


def statement_csv(statements: Sequence[Statement]) -> str:
    """Every line with the balance after it, between an opening and a closing one."""
    header = ("date", "line", "about", "reference", "amount", "balance", "currency")
    rows: list[tuple[str, ...]] = []
    for one in statements:
        code = one.currency
        opening, closing = (
            Amount(decimal_amount(minor, code)) for minor in (one.opening_minor, one.closing_minor)
        )
        rows.append(("", "opening", "", "", "", opening, code))
        rows += [
            (
                timezone.localtime(line.at).isoformat(timespec="seconds"),
                *(line.kind, line.text, line.reference),
                Amount(decimal_amount(line.amount_minor, code)),
                Amount(decimal_amount(line.balance_minor, code)),
                code,
            )
            for line in one.lines
        ]
        rows.append(("", "closing", "", "", "", closing, code))
    return csv_text(header, rows)


def _statement(postings: QuerySet[Posting], currency: str, period: Period) -> Statement:
    before = postings.filter(entry__at__lt=period.begin).aggregate(total=Sum("amount_minor"))
    opening = balance = -(before["total"] or 0)
    lines = []
    within = postings.filter(entry__at__gte=period.begin, entry__at__lt=period.end)
    named = within.select_related("entry__work__clip", "entry__payout", "entry__remittance__payout")
    for posting in named.order_by("pk"):
        balance -= posting.amount_minor
        lines.append(_line(posting, balance))
    paid = -sum(line.amount_minor for line in lines if line.kind == "payout")
    returned = sum(line.amount_minor for line in lines if line.kind == "returned")
    return Statement(
        currency=currency,
        opening_minor=opening,
        lines=lines,
        earned_minor=balance - opening + paid - returned,
        paid_minor=paid,
        returned_minor=returned,
        closing_minor=balance,
    )


def _line(posting: Posting, balance: int) -> Line:
    entry = posting.entry
    work, payout, remittance = entry.work, entry.payout, entry.remittance
    # A brief can be renamed; what was booked keeps its words.
    about = entry.description.partition(": ")[2] if work else entry.description
    if work is not None:
        kind = work.kind
        text = _("%(kind)s: %(about)s") % {"kind": work.get_kind_display(), "about": about}
    elif payout is not None:
        kind, text = "payout", _("Payout %(reference)s") % {"reference": payout.reference}
    elif remittance is not None:
        kind, payout = "returned", remittance.payout
        text = _("Payout %(reference)s came back: %(reason)s") % {
            "reference": payout.reference,
            "reason": remittance.reason,
        }
    else:
        kind, text = "other", about
    return Line(
        at=entry.at,
        kind=kind,
        text=text,
        reference=entry.cause,
        amount_minor=-posting.amount_minor,
        balance_minor=balance,
        work=work,
        payout=payout,
        remittance=remittance,
    )


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))

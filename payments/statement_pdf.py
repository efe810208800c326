"""A statement to keep and to print; a period that is over gives the same bytes each time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from payments.statements import Period, Statement
from portal.documents.sheet import Column, Sheet
from portal.templatetags.greenroom import format_money, money_signed

if TYPE_CHECKING:
    from datetime import datetime

    from portal.models import User


_INSTANT = timedelta(microseconds=1)


def statement_pdf(artist: User, period: Period, statements: Sequence[Statement]) -> bytes:
    """The document in the current language."""
    title = _("Statement %(period)s") % {"period": period.title}
    moments = [line.at for one in statements for line in one.lines]
    made_at = max(moments, default=period.begin) if period.is_running else period.end
    sheet = Sheet(title=title, made_at=made_at, foot=f"{title} · {artist.name}")
    sheet.lead(_("What was earned and paid, as it stands in the programme’s books"))
    last = timezone.localtime(made_at) if period.is_running else None
    sheet.facts(
        [
            (_("Artist"), f"{artist.name} <{artist.email}>"),
            (_("First day"), date_format(period.first, "DATE_FORMAT")),
            (
                _("Last day"),
                date_format(timezone.localtime(period.end - _INSTANT), "DATE_FORMAT"),
            ),
            (_("Still running, booked until"), _day(last) if last and moments else ""),
        ]
    )
    if not statements:
        sheet.paragraph(_("Nothing was earned and nothing was paid."))
    for one in statements:
        _account(sheet, one)
    return sheet.bytes()


def _account(sheet: Sheet, one: Statement) -> None:
    code = one.currency
    sheet.heading(_("Account in %(currency)s") % {"currency": code})
    sheet.facts(
        [
            (_("Owed at the beginning"), format_money(one.opening_minor, code)),
            (_("Earned"), money_signed(one.earned_minor, code)),
            (_("Paid out"), money_signed(one.paid_out_minor, code)),
            (_("Came back"), money_signed(one.returned_minor, code) if one.returned_minor else ""),
            (_("Owed at the end"), format_money(one.closing_minor, code)),
        ]
    )
    sheet.listing(
        [
            Column(_("Day"), share=22),
            Column(_("What"), share=84),
            Column(_("Amount"), share=30, end=True),
            Column(_("Owed after it"), share=30, end=True),
        ],
        [
            (
                _day(line.at),
                line.text,
                money_signed(line.amount_minor, code),
                format_money(line.balance_minor, code),
            )
            for line in one.lines
        ],
    )


def _day(at: datetime) -> str:
    return date_format(timezone.localtime(at), "SHORT_DATE_FORMAT")

"""A cohort's report in the reader's language: the same words on the page and in the PDF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from payments.states import WorkKind
from portal.templatetags.greenroom import approx_duration, format_money, percent
from review.reasons import by_code

if TYPE_CHECKING:
    from payments.models import CohortReport


@dataclass(frozen=True, kw_only=True)
class Line:
    """A label with its figure in words; ``value`` is None where it is withheld.

    ``share`` is its part of the section's total, between 0 and 1, where that is shown as well.
    """

    label: str
    value: str | None
    share: float | None = None

    @property
    def share_text(self) -> str:
        return percent(round(self.share, 2)) if self.share is not None else ""


@dataclass(frozen=True, kw_only=True)
class Section:
    title: str
    icon: str
    lines: Sequence[Line]


def day_of(report: CohortReport) -> str:
    return date_format(timezone.localtime(report.made_at), "DATE_FORMAT")


def headline(report: CohortReport) -> list[Line]:
    """The three figures that stand first."""
    found = report.figures
    return [
        Line(label=_("Artists"), value=number_format(found["artists"])),
        Line(label=_("Hours on record"), value=_hours(found["minutes"], 60)),
        Line(label=_("GPU hours"), value=_hours(found["gpu_seconds"], 3600)),
    ]


def sections(report: CohortReport) -> list[Section]:
    found = report.figures
    return [
        *(section for money in found["money"] for section in _money(money)),
        Section(
            title=_("How long it takes"),
            icon="clock",
            lines=[
                Line(
                    label=_("Median time from submission to decision"),
                    value=_length(found["to_decision"]),
                ),
                Line(label=_("Median time from work to pay"), value=_length(found["to_pay"])),
                Line(
                    label=_("Median time that what is owed has waited"),
                    value=_length(found["owed_for"]),
                ),
            ],
        ),
        _declines(found["declines"]),
    ]


def _money(money: dict[str, Any]) -> list[Section]:
    code, earned, hourly = money["currency"], money["earned"], money["hourly"]
    stands = money["stands"]
    per_hour = [(_("Median pay per hour on record"), hourly and hourly["median"])]
    if hourly and hourly["low"] is not None:
        per_hour += [
            (_("A quarter of the artists get less than"), hourly["low"]),
            (_("A quarter of the artists get more than"), hourly["high"]),
        ]
    return [
        Section(
            title=_("Pay in %(currency)s") % {"currency": code},
            icon="coins",
            lines=[
                Line(label=_("Earned"), value=_amount(earned, code)),
                *(
                    Line(
                        label=label,
                        value=_amount(stands[name], code),
                        share=_share(stands[name], earned),
                    )
                    for name, label in (
                        ("paid", _("Paid")),
                        ("on_way", _("In a payout or in transit")),
                        ("owed", _("Owed")),
                    )
                ),
                *(
                    Line(label=label, value=_amount(value and round(value), code))
                    for label, value in per_hour
                ),
            ],
        ),
        Section(
            title=_("Pay by kind of work, in %(currency)s") % {"currency": code},
            icon="clipboard-list",
            lines=[
                Line(
                    label=str(WorkKind(kind).label),
                    value=_amount(amount, code),
                    share=_share(amount, earned),
                )
                for kind, amount in money["kinds"].items()
                if amount != 0
            ],
        ),
    ]


def _declines(declines: dict[str, Any]) -> Section:
    total = declines["total"]
    lines = [Line(label=_("Declined clips"), value=_count(total))]
    for code, count in sorted(declines["reasons"].items(), key=lambda row: -(row[1] or 0)):
        reason = by_code(code)
        title = str(reason.title) if reason is not None else code
        lines.append(Line(label=title, value=_count(count), share=_share(count, total)))
    return Section(title=_("Declines by reason"), icon="circle-x", lines=lines)


def _amount(minor: int | None, code: str) -> str | None:
    return None if minor is None else format_money(minor, code)


def _count(count: int | None) -> str | None:
    return None if count is None else number_format(count)


def _hours(value: int | None, unit: int) -> str | None:
    return None if value is None else number_format(round(value / unit, 1), 1)


def _length(seconds: float | None) -> str | None:
    return None if seconds is None else approx_duration(seconds)


def _share(part: int | None, whole: int | None) -> float | None:
    return part / whole if part is not None and whole and 0 <= part <= whole else None

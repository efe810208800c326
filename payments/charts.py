"""Where each bar, point and line of the earnings picture stands.

The picture is drawn by the server as SVG, so it needs no script and no style of its own. Every
number here is in the units of its view box, written with a point whatever the language.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.formats import date_format

from payments.months import Month
from portal.templatetags.greenroom import format_money, minor_units

TOP, BOTTOM, RIGHT = 14, 40, 10
# Units that one sign of an axis label takes.
SIGN = 7.6
STEPS = (1, 2, 5, 10)


@dataclass(frozen=True, kw_only=True)
class Bar:
    """From zero to a value, upwards or downwards."""

    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True, kw_only=True)
class Group:
    """One month: its two bars and the point of what was owed, with what they say."""

    middle: str
    label: str
    year: str
    earned: Bar | None
    paid: Bar | None
    owed_y: str
    said: str


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A line across with its amount."""

    y: str
    label: str
    is_zero: bool


@dataclass(frozen=True, kw_only=True)
class Chart:
    """All that the template needs; ``axis`` is where the lines across begin."""

    width: int
    height: int
    axis: str
    right: str
    label_x: str
    label_y: str
    year_y: str
    ticks: Sequence[Tick]
    groups: Sequence[Group]
    owed: str


def earnings_chart(months: Sequence[Month], currency: str, *, width: int, height: int) -> Chart:
    """*months* side by side in a view box of *width* by *height*."""
    values = [
        value
        for month in months
        for value in (month.earned_minor, month.paid_minor, month.owed_minor)
    ]
    levels = ticks_for(min(0, *values), max(0, *values), 10 ** minor_units(currency))
    labels = [format_money(level, currency, whole=True) for level in levels]
    axis = max(map(len, labels)) * SIGN + 10
    lowest, highest = levels[0], levels[-1]
    tall = height - TOP - BOTTOM

    def at(value: int) -> float:
        return TOP + tall * (highest - value) / (highest - lowest)

    step = (width - RIGHT - axis) / len(months)
    thick = min(22.0, step * 0.36)
    groups, points = [], []
    for number, month in enumerate(months):
        middle = axis + step * (number + 0.5)
        points.append(f"{middle:.1f},{at(month.owed_minor):.1f}")
        is_first = number == 0 or month.first.month == 1
        groups.append(
            Group(
                middle=f"{middle:.1f}",
                label=date_format(month.first, "N"),
                year=f"{month.first.year}" if is_first else "",
                earned=_bar(month.earned_minor, middle - thick - 1, thick, at),
                paid=_bar(month.paid_minor, middle + 1, thick, at),
                owed_y=f"{at(month.owed_minor):.1f}",
                said=date_format(month.first, "F Y"),
            )
        )
    return Chart(
        width=width,
        height=height,
        axis=f"{axis:.1f}",
        right=f"{width - RIGHT}",
        label_x=f"{axis - 8:.1f}",
        label_y=f"{height - 22}",
        year_y=f"{height - 6}",
        ticks=[
            Tick(y=f"{at(level):.1f}", label=label, is_zero=level == 0)
            for level, label in zip(levels, labels, strict=True)
        ],
        groups=groups,
        owed=" ".join(points),
    )


def ticks_for(lowest: int, highest: int, unit: int) -> list[int]:
    """Round amounts from below *lowest* to above *highest*, zero among them, at most seven.

    All are multiples of *unit*: how many minor units the currency's whole one has.
    """
    span = max(highest - lowest, unit)
    power = unit
    while True:
        for factor in STEPS:
            step = factor * power
            if span <= step * 4:
                first, last = lowest // step, -(-highest // step)
                return [number * step for number in range(first, max(last, first + 1) + 1)]
        power *= 10


def _bar(value: int, x: float, thick: float, at: Callable[[int], float]) -> Bar | None:
    if not value:
        return None
    top, bottom = sorted((at(value), at(0)))
    # Something is never drawn as nothing.
    tall = max(bottom - top, 1.5)
    return Bar(
        x=f"{x:.1f}", y=f"{min(top, bottom - tall):.1f}", width=f"{thick:.1f}", height=f"{tall:.1f}"
    )

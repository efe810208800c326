"""How prompt sheets stand: counted rows, what they take, what holds them. Nothing here writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Count, Q, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from generation.budgets import budgets_of
from generation.models import PromptSheet, PromptSheetRow
from generation.services.sheets import HOLDS
from generation.states import LIVE, ClipState, SheetState
from portal.numbers import machine_time

if TYPE_CHECKING:
    from portal.models import User

ROWS_A_PAGE = 100
_TONES = {"refused": "danger", "due": "neutral", "left": "neutral"}
_LABELS: Mapping[str, str | Promise] = {
    "refused": _("Not made"),
    "due": _("To come"),
    "left": _("Left out"),
}


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A sheet in figures.

    Attributes:
        rows, refused, due, live, ready, failed: rows in all, and those with a problem, still to be
            asked for, on their way, ready, failed.
        seconds: GPU seconds that the rows which are due are expected to take.
        hold: why the next row waits, in words, or "".
    """

    sheet: PromptSheet
    rows: int
    refused: int
    due: int
    live: int
    ready: int
    failed: int
    seconds: Decimal
    hold: str | Promise

    @property
    def at_rest(self) -> int:
        return self.rows - self.due - self.live

    @property
    def is_moving(self) -> bool:
        return self.sheet.state == SheetState.RUNNING or self.live > 0

    @property
    def time_in_words(self) -> str:
        return machine_time(self.seconds, upwards=True)

    @property
    def state_label(self) -> str | Promise:
        if self.sheet.state == SheetState.FINISHED and not self.live:
            return _("Done")
        return SheetState(self.sheet.state).label

    @property
    def tone(self) -> str:
        state = SheetState(self.sheet.state)
        if state == SheetState.RUNNING or (state == SheetState.FINISHED and self.live):
            return "warning" if self.hold else "info"
        return {SheetState.FINISHED: "success", SheetState.PAUSED: "warning"}.get(state, "neutral")


def standings_of(sheets: Sequence[PromptSheet]) -> list[Standing]:
    """Of all *sheets* in one query."""
    counted = {
        found["sheet"]: found
        for found in PromptSheetRow.objects.filter(sheet__in=sheets)
        .order_by()
        .values("sheet")
        .annotate(
            rows=Count("pk"),
            refused=Count("pk", filter=~Q(problem="")),
            due=Count("pk", filter=Q(is_due=True)),
            live=Count("pk", filter=Q(clip__state__in=LIVE, is_due=False)),
            ready=Count("pk", filter=Q(clip__state=ClipState.READY, is_due=False)),
            failed=Count("pk", filter=Q(clip__state=ClipState.FAILED, is_due=False)),
            seconds=Sum("estimate", filter=Q(is_due=True)),
        )
    }
    holds = {error.code: error.default_message for error in HOLDS}
    none = dict.fromkeys(("rows", "refused", "due", "live", "ready", "failed", "seconds"), 0)
    return [
        Standing(
            sheet=sheet,
            hold=holds.get(sheet.held_by, ""),
            **{
                name: counted.get(sheet.pk, none)[name] or none[name]
                for name in ("rows", "refused", "due", "live", "ready", "failed")
            },
            seconds=Decimal(counted.get(sheet.pk, none)["seconds"] or 0),
        )
        for sheet in sheets
    ]


@dataclass(frozen=True, kw_only=True)
class RowStanding:
    """One row as the list shows it."""

    row: PromptSheetRow
    label: str | Promise
    tone: str


def rows_of(sheet: PromptSheet, page: int) -> list[RowStanding]:
    """The rows of one page, from 1."""
    first = (page - 1) * ROWS_A_PAGE
    found = sheet.rows.select_related("clip").order_by("number")
    return [_row(row) for row in found[first : first + ROWS_A_PAGE]]


def _row(row: PromptSheetRow) -> RowStanding:
    standing = row.standing
    if standing in _LABELS:
        return RowStanding(row=row, label=_LABELS[standing], tone=_TONES[standing])
    return RowStanding(row=row, label=ClipState(standing).label, tone="")


def shortfall(artist: User, standing: Standing) -> str:
    """What is left of the tightest budget, in words, where the rows that are due need more."""
    lefts = [
        budget
        for budget in budgets_of(artist, standing.sheet.cohort).all
        if budget.left is not None and budget.left < standing.seconds
    ]
    if not lefts:
        return ""
    return min(lefts, key=lambda budget: budget.left or 0).left_in_words

"""The rows that a bench prints: what was measured, what is to be reached, whether it is."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Row:
    """One figure. ``least`` or ``most`` is what is to be reached; neither means only reported."""

    name: str
    value: float
    detail: str
    least: float | None = None
    most: float | None = None
    unit: str = ""

    @property
    def holds(self) -> bool | None:
        if self.least is not None:
            return self.value >= self.least
        if self.most is not None:
            return self.value <= self.most
        return None

    @property
    def wanted(self) -> str:
        if self.least is not None:
            return f"≥ {self.least:g}{self.unit}"
        if self.most is not None:
            return f"≤ {self.most:g}{self.unit}"
        return "reported"

    def __str__(self) -> str:
        verdict = {True: "yes", False: "NO", None: ""}[self.holds]
        figure = f"{self.value:,.0f}" if self.unit else f"{self.value:.2f}"
        return f"{verdict:4}{figure + self.unit:>11}  {self.wanted:<12}{self.name}  ({self.detail})"


HEADER = f"{'':4}{'figure':>11}  {'wanted':<12}what"


def print_rows(*parts: Callable[[], list[Row]], header: bool = True) -> int:
    """Measure each part, print its rows at once; answers 1 when a figure is missed, else 0."""
    if header:
        print(HEADER, flush=True)
    missed = 0
    for part in parts:
        began = time.perf_counter()
        for row in part():
            missed += row.holds is False
            print(row, flush=True)
        took = time.perf_counter() - began
        print(f"    {part.__module__} took {took:.0f} s", file=sys.stderr, flush=True)
    return 1 if missed else 0


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def in_turn(
    ours: Callable[[], object], bare: Callable[[], object], *, rounds: int
) -> tuple[float, float]:
    """Median seconds of *ours* and of *bare*, measured in turn, so a busy machine slows both."""
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds):
        pairs = [(ours, taken[0]), (bare, taken[1])]
        for work, times in pairs if number % 2 else pairs[::-1]:
            times.append(seconds(work))
    return statistics.median(taken[0]), statistics.median(taken[1])

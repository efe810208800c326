"""Prints how long the light artists wait under each order."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence

from bench.fairness.fluid import fluid
from bench.fairness.policies import Fair, Fifo, Order, RoundRobin
from bench.fairness.simulator import Outcome, simulate
from bench.fairness.trace import (
    HEAVY_ARTISTS,
    HEAVY_CLIPS,
    HOURS,
    LIGHT_ARTISTS,
    LOAD_SECONDS,
    WORKERS,
    trace,
)
from bench.table import Row

SEEDS = 10
OURS = "SFQ with bounded affinity (ours)"
PEER = "round-robin with affinity"
ORDERS: dict[str, Callable[[], Order]] = {
    "first come, first served": Fifo,
    "round-robin": lambda: RoundRobin(affinity=False),
    PEER: lambda: RoundRobin(affinity=True),
    "SFQ": lambda: Fair(delta=0),
    OURS: lambda: Fair(delta=int(LOAD_SECONDS)),
}


def fair_waits() -> list[Row]:
    """Prints the p95 wait of each order; answers ours ÷ round-robin's and ÷ the fluid ideal's."""
    print(
        f"the queue in simulated time: {WORKERS} GPUs, {LIGHT_ARTISTS} light artists, "
        f"{HEAVY_ARTISTS} who ask for {HEAVY_CLIPS} long clips each, loads of "
        f"{LOAD_SECONDS:.0f} s, {HOURS} h, {SEEDS} seeds"
    )
    days = [trace(seed) for seed in range(SEEDS)]
    found = {name: [simulate(day, make()) for day in days] for name, make in ORDERS.items()}
    found["fluid ideal, no loads"] = [fluid(day) for day in days]
    waits = {name: _p95(outcomes) for name, outcomes in found.items()}
    for name, outcomes in found.items():
        served = statistics.mean(one.served for one in outcomes)
        loads = statistics.mean(one.loads for one in outcomes)
        print(
            f"  {name}: p95 wait of the light artists {waits[name]:,.0f} s, "
            f"{served:.0%} of their clips begun, {loads:.2f} loads a clip"
        )
    ideal = waits["fluid ideal, no loads"]
    return [
        Row(
            name=f"p95 wait of the light artists ÷ {PEER}",
            value=waits[OURS] / waits[PEER],
            most=0.1,
            detail=f"{waits[OURS]:,.0f} s ÷ {waits[PEER]:,.0f} s, simulated",
        ),
        Row(
            name="p95 wait of the light artists ÷ the fluid ideal without loads",
            value=waits[OURS] / ideal,
            detail=f"{waits[OURS]:,.0f} s ÷ {ideal:,.0f} s, simulated",
        ),
    ]


def _p95(outcomes: Sequence[Outcome]) -> float:
    """Of all waits of all days; a clip that never began counts as waiting until the day's end."""
    return statistics.quantiles((wait for one in outcomes for wait in one.waits), n=20)[-1]

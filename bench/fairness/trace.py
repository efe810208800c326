"""The day the orders are compared on: many who ask for a little, two who ask for everything.

The light artists' share and the length of the long clips were set by the other orders alone: so
that round-robin, round-robin with affinity and plain SFQ wait about 8,000, 7,000 and 4,000
seconds (p95), as long as in the comparison that this day retells.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

HOURS = 6
HORIZON = HOURS * 3600.0
WORKERS = 4
LOAD_SECONDS = 60.0

LIGHT_ARTISTS = 40
# Of what the GPUs could do if they never loaded a model.
LIGHT_SHARE = 0.6
LIGHT_SECONDS = (20.0, 60.0)
TAKES = (1, 4)

HEAVY_ARTISTS = 2
HEAVY_CLIPS = 200
HEAVY_SECONDS = (150.0, 450.0)

# What each model's share of the requests is.
MODELS = {"everyday": 0.7, "detailed": 0.2, "sketch": 0.1}
# What a clip really takes, by its estimate.
TRUTH = (0.8, 1.2)


@dataclass(frozen=True, kw_only=True)
class Request:
    """One clip: asked for at ``at`` seconds; GPU seconds as estimated and as they turn out."""

    number: int
    at: float
    artist: int
    model: str
    estimate: float
    seconds: float
    light: bool


def trace(seed: int) -> list[Request]:
    """All requests of one run, by their time."""
    chance = random.Random(seed)
    found: list[tuple[float, int, str, float, bool]] = []
    takes = sum(TAKES) / 2
    gap = takes * sum(LIGHT_SECONDS) / 2 * LIGHT_ARTISTS / (LIGHT_SHARE * WORKERS)
    for artist in range(LIGHT_ARTISTS):
        at = chance.expovariate(1 / gap)
        while at < HORIZON:
            model = _model(chance)
            seconds = round(chance.uniform(*LIGHT_SECONDS), 3)
            found += [(at, artist, model, seconds, True)] * chance.randint(*TAKES)
            at += chance.expovariate(1 / gap)
    for artist in range(LIGHT_ARTISTS, LIGHT_ARTISTS + HEAVY_ARTISTS):
        at = chance.uniform(0, 600)
        for _ in range(HEAVY_CLIPS):
            seconds = round(chance.uniform(*HEAVY_SECONDS), 3)
            found.append((at, artist, _model(chance), seconds, False))
    return [
        Request(
            number=number,
            at=at,
            artist=artist,
            model=model,
            estimate=seconds,
            seconds=round(seconds * chance.uniform(*TRUTH), 3),
            light=light,
        )
        for number, (at, artist, model, seconds, light) in enumerate(
            sorted(found, key=lambda one: one[0])
        )
    ]


def _model(chance: random.Random) -> str:
    return chance.choices(list(MODELS), weights=list(MODELS.values()))[0]

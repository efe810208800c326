"""Addresses of the clock of a cohort's reviews."""

from __future__ import annotations

from typing import Any

from tests.house.matrix import Row, World, only


def cohort(world: World) -> list[Any]:
    return [world.cohort.slug]


def typed(world: World) -> dict[str, Any]:
    return {
        "kind": "working",
        "days": ["0", "1"],
        "opens": "09:00",
        "closes": "17:00",
        "zone": "Europe/Paris",
    }


ROWS = [
    Row(name="review:clock", args=cohort, expect=only("admin", gets=200)),
    Row(
        name="review:clock",
        method="POST",
        args=cohort,
        data=typed,
        expect=only("admin", gets=302),
    ),
    Row(
        name="review:clock_preview",
        method="POST",
        args=cohort,
        data=typed,
        expect=only("admin", gets=200),
    ),
]

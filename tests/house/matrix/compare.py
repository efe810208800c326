"""Addresses of comparing."""

from __future__ import annotations

from tests.factories import review as make
from tests.house.matrix import Row, World, only


def prepare(world: World) -> None:
    world.things["pair"] = [make.make_review(world.artist, world.cohort) for _ in range(2)]


STAFF = only("reviewer", "admin", gets=200)

ROWS = [
    Row(
        name="review:compare",
        args=lambda world: [world.things["pair"][0].pk],
        expect=STAFF,
    ),
    Row(
        name="review:compare_with",
        args=lambda world: [world.things["pair"][0].pk, world.things["pair"][1].clip_id],
        expect=STAFF,
    ),
]

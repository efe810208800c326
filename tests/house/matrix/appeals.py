"""Addresses of appeals."""

from __future__ import annotations

from typing import Any

from tests.factories import review as make
from tests.house.matrix import Row, World, only


def prepare(world: World) -> None:
    declined = make.make_review(world.artist, world.cohort)
    make.decline(declined, world.reviewer)
    appealed = make.make_review(world.artist, world.cohort)
    make.decline(appealed, world.reviewer)
    world.things |= {"declined": declined, "appeal": make.appeal(appealed)}


def declined_clip(world: World) -> list[Any]:
    return [world.things["declined"].clip_id]


def appealed_clip(world: World) -> list[Any]:
    return [world.things["appeal"].review.clip_id]


def appeal(world: World) -> list[Any]:
    return [world.things["appeal"].pk]


def answer(world: World) -> dict[str, Any]:
    clip = world.things["appeal"].review.clip
    return {
        "outcome": "upheld",
        "answer": "It does stop half way.",
        "sha256": clip.sha256,
        "settings_sha256": clip.settings_sha256,
    }


ROWS = [
    Row(name="review:make_appeal", args=declined_clip, expect=only("artist", gets=200)),
    Row(
        name="review:make_appeal",
        method="POST",
        args=declined_clip,
        data=lambda world: {"text": "It is a quotation."},
        # Also who has left, whose account is shut or who has not signed the newest terms.
        expect=only("artist", gets=302),
    ),
    Row(
        name="review:withdraw_appeal",
        method="POST",
        args=appealed_clip,
        expect=only("artist", gets=302),
    ),
    Row(name="review:appeals", expect={**only("admin", gets=200), "lead": 200}),
    Row(name="review:appeal", args=appeal, expect={**only("admin", gets=200), "lead": 200}),
    Row(
        name="review:answer_appeal",
        method="POST",
        args=appeal,
        data=answer,
        expect={**only("admin", gets=302), "lead": 302},
    ),
]

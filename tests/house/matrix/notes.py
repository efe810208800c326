"""Addresses of notes on frames."""

from __future__ import annotations

from typing import Any

from review.services import framenotes
from tests.factories import review as make
from tests.house.matrix import Row, World, only

DOES = only("reviewer", "admin", gets=302)


def prepare(world: World) -> None:
    review = make.make_review(world.artist, world.cohort)
    world.things["pinned"] = framenotes.write(
        actor=world.reviewer,
        clip=review.clip,
        first_frame=0,
        last_frame=1,
        text="The hand has six fingers here.",
        drawing='[{"tool": "arrow", "points": [[100, 100], [5000, 5000]]}]',
        is_for_artist=True,
    )


def clip(world: World) -> list[Any]:
    return [world.things["pinned"].clip_id]


def note(world: World) -> list[Any]:
    return [world.things["pinned"].pk]


READS = {**only("reviewer", "admin", gets=200), "artist": 200}

ROWS = [
    Row(name="review:notes", args=clip, expect=READS),
    Row(name="review:notes_download", args=clip, expect=READS),
    Row(
        name="review:notes",
        method="POST",
        args=clip,
        data=lambda world: {"text": "And here.", "first": 1, "last": 1},
        expect=DOES,
    ),
    Row(
        name="review:notes_answer",
        method="POST",
        args=note,
        data=lambda world: {"text": "Seen."},
        expect={**DOES, "artist": 302},
    ),
    Row(name="review:notes_resolve", method="POST", args=note, expect=DOES),
]

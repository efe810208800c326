"""Addresses of the conversation about a clip."""

from __future__ import annotations

from typing import Any

from review.services import messages
from tests.factories import review as make
from tests.house.matrix import Row, World, only


def prepare(world: World) -> None:
    review = make.make_review(world.artist, world.cohort)
    messages.send(actor=world.artist, clip=review.clip, text="The voice is my sister’s.")
    messages.send(actor=world.reviewer, clip=review.clip, text="Did she agree?")
    world.things["spoken_of"] = review


def clip(world: World) -> list[Any]:
    return [world.things["spoken_of"].clip_id]


def review(world: World) -> list[Any]:
    return [world.things["spoken_of"].pk]


def words(world: World) -> dict[str, Any]:
    return {"text": "She did, in writing."}


ROWS = [
    Row(name="review:messages", args=clip, expect=only("artist", gets=200)),
    Row(
        name="review:messages",
        method="POST",
        args=clip,
        data=words,
        expect=only("artist", gets=302),
    ),
    Row(name="review:team_messages", args=review, expect=only("reviewer", "admin", gets=200)),
    Row(
        name="review:team_messages",
        method="POST",
        args=review,
        data=words,
        expect=only("reviewer", "admin", gets=302),
    ),
]

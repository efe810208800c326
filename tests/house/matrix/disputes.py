"""Addresses of disputes about pay."""

from __future__ import annotations

import uuid
from typing import Any

from payments.services.disputes import raise_dispute
from tests.house.matrix import Row, World, only

ARTISTS = ("artist", "other_artist")


def prepare(world: World) -> None:
    world.things |= {
        "dispute": raise_dispute(
            actor=world.artist, cohort=world.cohort, text="A clip is missing", token=uuid.uuid4()
        )
    }


def dispute(world: World) -> list[Any]:
    return [world.things["dispute"].pk]


def raise_fields(world: World) -> dict[str, Any]:
    return {"token": str(uuid.uuid4()), "cohort": world.cohort.pk, "text": "A clip is missing"}


ROWS = [
    Row(name="payments:disputes", expect=only(*ARTISTS, gets=200)),
    Row(name="payments:dispute_new", expect=only(*ARTISTS, gets=200)),
    Row(
        name="payments:dispute_new",
        method="POST",
        data=raise_fields,
        # The other artist is not in the cohort that the form names.
        expect={**only("artist", gets=302), "other_artist": 400},
    ),
    Row(name="payments:dispute", args=dispute, expect=only("artist", "finance", gets=200)),
    Row(
        name="payments:dispute_say",
        args=dispute,
        method="POST",
        data=lambda world: {"text": "It was on Monday"},
        expect=only("artist", "finance", gets=302),
    ),
    Row(name="payments:dispute_inbox", expect=only("finance", gets=200)),
    Row(
        name="payments:dispute_end",
        args=dispute,
        method="POST",
        data=lambda world: {"outcome": "close", "text": "It is there now"},
        expect=only("finance", gets=302),
    ),
]

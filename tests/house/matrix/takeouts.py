"""Addresses of a person's own takeout."""

from __future__ import annotations

from typing import Any

from portal.services import takeouts
from tests.house.matrix import Row, World, only, signed_in


def prepare(world: World) -> None:
    made = takeouts.ask(actor=world.artist)
    takeouts.make_waiting()
    world.things["takeout"] = made


def takeout(world: World) -> list[Any]:
    return [world.things["takeout"].pk]


ROWS = [
    Row(name="takeout", expect=signed_in(200)),
    Row(name="takeout", method="POST", expect=signed_in(302)),
    Row(name="takeout_live", expect=signed_in(200)),
    Row(name="takeout_file", args=takeout, expect=only("artist", gets=200)),
]

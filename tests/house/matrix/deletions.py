"""Addresses of the deletion of an account: one’s own, and those of who runs the programme."""

from __future__ import annotations

from typing import Any

from portal.services import deletions
from tests.factories.portal import make_person
from tests.house.matrix import Row, World, but, only, signed_in


def prepare(world: World) -> None:
    gone = make_person("Noor Haddad")
    world.things["leaver"] = gone
    world.things["deletion"] = deletions.ask(
        actor=world.admin, person=make_person("Ines Duarte"), reason="By letter of 3 May"
    )


def leaver(world: World) -> list[Any]:
    return [world.things["leaver"].pk]


def waiting(world: World) -> list[Any]:
    return [world.things["deletion"].pk]


ROWS = [
    Row(name="deletion", expect=signed_in(200)),
    Row(
        name="deletion",
        method="POST",
        data=lambda world: {"address": world.artist.email},
        # Whoever is not the artist has typed somebody else's address.
        expect={**signed_in(400), "artist": 302},
    ),
    Row(name="deletion_undo", method="POST", expect=signed_in(302)),
    Row(name="deletions", expect=only("admin", gets=200)),
    Row(name="deletion_for", args=leaver, expect=only("admin", gets=200)),
    Row(
        name="deletion_for",
        method="POST",
        args=leaver,
        data=lambda world: {
            "address": world.things["leaver"].email,
            "reason": "By letter of 3 May",
        },
        expect=only("admin", gets=302),
    ),
    Row(name="deletion_lift", method="POST", args=waiting, expect=only("admin", gets=302)),
]
ROWS = but(ROWS, "other_admin", 404, "GET deletions")

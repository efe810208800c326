"""Addresses of the API: a key opens them, and being signed in does not."""

from __future__ import annotations

from typing import Any

from portal.states import Scope
from tests.factories.generation import make_clip, make_ready_clip
from tests.factories.portal import join, make_cohort, make_key
from tests.house.matrix import Row, Status, World, but, everyone


def prepare(world: World) -> None:
    elsewhere = world.other_artist.memberships.first()
    away = elsewhere.cohort if elsewhere is not None else make_cohort("Away", actor=world.admin)
    if elsewhere is None:
        join(world.other_artist, away)
    scopes = list(Scope)
    world.things |= {
        "keys": {
            "artist": make_key(world.artist, world.cohort, scopes=scopes).clear,
            "other_artist": make_key(world.other_artist, away, scopes=scopes).clear,
        },
        "ready": make_ready_clip(artist=world.artist, cohort=world.cohort),
        "waiting": make_clip(artist=world.artist, cohort=world.cohort),
    }


def ready(world: World) -> list[Any]:
    return [f"video_{world.things['ready'].pk.hex}"]


def waiting(world: World) -> list[Any]:
    return [f"video_{world.things['waiting'].pk.hex}"]


def wish(world: World) -> dict[str, Any]:
    return {"prompt": "a red boat"}


def keys(artist: Status, other_artist: Status) -> dict[str, Status]:
    """Nobody else has a key."""
    return {
        **everyone(401),
        "artist": artist,
        "other_artist": other_artist,
    }


BOTH = keys(200, 200)
THEIRS = keys(200, 404)

WITH_KEY = [
    Row(name="v1:videos", expect=BOTH, with_key=True),
    Row(name="v1:videos", method="POST", data=wish, expect=BOTH, with_key=True),
    Row(name="v1:video", args=ready, expect=THEIRS, with_key=True),
    Row(name="v1:video", args=ready, method="DELETE", expect=THEIRS, with_key=True),
    # Not approved, so not even its artist.
    Row(name="v1:video_content", args=ready, expect=keys(403, 404), with_key=True),
    Row(
        name="v1:video_content",
        args=ready,
        data=lambda world: {"variant": "preview"},
        expect=THEIRS,
        with_key=True,
    ),
    Row(name="v1:video_remix", args=ready, method="POST", data=wish, expect=THEIRS, with_key=True),
    Row(name="v1:video_cancel", args=waiting, method="POST", expect=THEIRS, with_key=True),
    Row(name="v1:video_edits", method="POST", data=wish, expect=keys(400, 400), with_key=True),
    Row(name="v1:video_extensions", method="POST", data=wish, expect=keys(400, 400), with_key=True),
    Row(name="v1:video_characters", method="POST", expect=keys(400, 400), with_key=True),
    Row(
        name="v1:video_character",
        args=lambda world: ["char_1"],
        expect=keys(404, 404),
        with_key=True,
    ),
    Row(name="v1:models", expect=BOTH, with_key=True),
    Row(name="v1:model", args=lambda world: ["starter"], expect=BOTH, with_key=True),
    Row(
        name="v1:feedback",
        method="POST",
        data=lambda world: {"happened": "It rained"},
        expect=BOTH,
        with_key=True,
    ),
    Row(name="v1:earnings", expect=BOTH, with_key=True),
    Row(name="v1:earnings_work", expect=BOTH, with_key=True),
]

# A contained person's keys open nothing; the others' make nothing.
WITH_KEY = but(WITH_KEY, "frozen_artist", 403)
MAKING = ("POST v1:videos", "POST v1:video_remix")
WITH_KEY = but(WITH_KEY, "unsigned_artist", 403, *MAKING)
WITH_KEY = but(WITH_KEY, "ended_artist", 403, *MAKING)
# What waited was taken out of the queue when they left.
WITH_KEY = but(WITH_KEY, "ended_artist", 409, "POST v1:video_cancel")

ROWS = [
    *WITH_KEY,
    *(
        Row(name=row.name, args=row.args, method=row.method, data=row.data, expect=everyone(401))
        for row in WITH_KEY
    ),
    # A program that has no key yet.
    Row(
        name="v1:device_code",
        method="POST",
        data=lambda world: {"client": "Laptop"},
        expect=everyone(200),
    ),
    Row(
        name="v1:device_token",
        method="POST",
        data=lambda world: {"device_code": "made-up"},
        expect=everyone(400),
    ),
    Row(name="v1:openapi-json", expect=everyone(200)),
    Row(name="v1:api-root", expect=everyone(404)),
]

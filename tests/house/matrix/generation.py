"""Addresses of the studio."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from generation.models import Preset
from generation.services import sheets
from generation.states import ClipState
from tests.factories.generation import make_clip, make_ready_clip
from tests.house.matrix import Row, World, but, only


def prepare(world: World) -> None:
    world.things |= {
        "live": make_clip(artist=world.artist, cohort=world.cohort),
        "failed": make_clip(artist=world.artist, cohort=world.cohort, state=ClipState.FAILED),
        "ready": make_ready_clip(artist=world.artist, cohort=world.cohort, files=False),
        "sheet": sheets.bring(
            actor=world.artist,
            cohort=world.cohort,
            name="boats.csv",
            content=b"prompt\na red boat, at night\n\n",
        ),
        "preset": Preset.objects.create(
            artist=world.artist,
            cohort=world.cohort,
            name="Ink",
            model_key="starter",
            width=128,
            height=128,
            frames=17,
        ),
    }


def preset(world: World) -> list[Any]:
    return [world.things["preset"].pk]


def preset_verb(verb: str) -> Callable[[World], list[Any]]:
    return lambda world: [*preset(world), verb]


def sheet(world: World) -> list[Any]:
    return [world.things["sheet"].pk]


def sheet_verb(verb: str) -> Callable[[World], list[Any]]:
    return lambda world: [*sheet(world), verb]


def ready(world: World) -> list[Any]:
    return [world.things["ready"].pk]


def live(world: World) -> list[Any]:
    return [world.things["live"].pk]


def failed(world: World) -> list[Any]:
    return [world.things["failed"].pk]


def wish(world: World) -> dict[str, Any]:
    return {
        "prompt": "a red boat on the sea at night",
        "model_key": "starter",
        "size": "128x128",
        "frames": "17",
        "takes": "1",
    }


ARTISTS = only("artist", "other_artist", gets=200)
OWNER = only("artist", gets=200)
OWNER_ACTS = only("artist", gets=302)

ROWS: list[Row] = [
    Row(name="generation:studio", expect=ARTISTS),
    Row(name="generation:composer", expect=ARTISTS),
    Row(name="generation:picture_new", method="POST", expect=ARTISTS),
    Row(name="generation:presets", expect=ARTISTS),
    Row(name="generation:preset_new", expect=ARTISTS),
    Row(
        name="generation:preset_new",
        method="POST",
        data=lambda world: {**wish(world), "name": "Wash"},
        expect=only("artist", "other_artist", gets=302),
    ),
    Row(name="generation:preset_edit", args=preset, expect=OWNER),
    Row(
        name="generation:preset_edit",
        method="POST",
        args=preset,
        data=lambda world: {"name": "Wash"},
        expect=OWNER_ACTS,
    ),
    Row(
        name="generation:preset_verb",
        method="POST",
        args=preset_verb("share"),
        expect=OWNER_ACTS,
    ),
    Row(
        name="generation:preset_verb",
        method="POST",
        args=preset_verb("delete"),
        expect=OWNER_ACTS,
    ),
    Row(name="generation:script", expect=ARTISTS),
    # A key is made only for who has just proved again that it is them.
    Row(
        name="generation:script",
        method="POST",
        data=lambda world: {"name": "Script"},
        expect=only("artist", "other_artist", gets=302),
    ),
    Row(name="generation:sheets", expect=ARTISTS),
    Row(
        name="generation:sheets",
        method="POST",
        data=lambda world: {"cohort": world.cohort.slug},
        expect=only("artist", "other_artist", gets=400),
    ),
    Row(name="generation:sheet", args=sheet, expect=OWNER),
    Row(name="generation:sheet_live", args=sheet, expect=OWNER),
    Row(name="generation:sheet_results", args=sheet, expect=OWNER),
    *(
        Row(name="generation:sheet_verb", method="POST", args=sheet_verb(verb), expect=OWNER_ACTS)
        for verb in ("start", "pause", "resume", "cancel", "again", "delete")
    ),
    Row(name="generation:words", expect=ARTISTS),
    Row(name="generation:live", expect=ARTISTS),
    Row(name="generation:progress", expect=ARTISTS),
    Row(
        name="generation:clip_new",
        method="POST",
        data=wish,
        expect=only("artist", "other_artist", gets=302),
    ),
    Row(name="generation:clip", args=ready, expect=OWNER),
    Row(name="generation:clip_live", args=live, expect=OWNER),
    Row(
        name="generation:clip_rename",
        method="POST",
        args=ready,
        data=lambda world: {"title": "Boat"},
        expect=OWNER_ACTS,
    ),
    Row(name="generation:clip_rerun", method="POST", args=ready, expect=OWNER_ACTS),
    Row(name="generation:clip_vary", method="POST", args=ready, expect=OWNER_ACTS),
    Row(name="generation:clip_run_again", method="POST", args=failed, expect=OWNER_ACTS),
    Row(name="generation:clip_first", method="POST", args=live, expect=OWNER_ACTS),
    Row(name="generation:clip_cancel", method="POST", args=live, expect=OWNER_ACTS),
    Row(name="generation:clip_delete", method="POST", args=ready, expect=OWNER_ACTS),
]

# Making clips waits for a signature under the newest agreement; what was made stays open.
ROWS = but(ROWS, "unsigned_artist", 403, "POST generation:clip_new")
ROWS = but(ROWS, "unsigned_artist", 302, "GET generation:script")
ROWS = but(ROWS, "frozen_artist", 403, "POST generation:clip_new")
# What they made stays theirs; there is no cohort to make more in.
ROWS = but(
    ROWS,
    "ended_artist",
    404,
    "GET generation:composer",
    "POST generation:picture_new",
    "GET generation:preset_new",
    "POST generation:preset_new",
)

"""Addresses of the staff's pages of the queue."""

from __future__ import annotations

from typing import Any

from generation.services import pauses, workers
from generation.states import ClipState
from tests.factories.generation import make_clip
from tests.house.matrix import Row, World, only


def prepare(world: World) -> None:
    world.things |= {
        "pause": pauses.pause(actor=world.admin, cohort=world.cohort, reason="A talk"),
        "worker": workers.started(
            name="gpu@one", device="cpu", memory_bytes=None, model_key="starter"
        ),
        "deadly_clip": make_clip(
            artist=world.artist, cohort=world.cohort, state=ClipState.QUARANTINED
        ),
    }


def pause(world: World) -> list[Any]:
    return [world.things["pause"].pk]


def rest(world: World) -> list[Any]:
    return [world.things["worker"].pk, "rest"]


def deadly_clip(world: World) -> list[Any]:
    return [world.things["deadly_clip"].pk]


ADMIN = only("admin", gets=200)
ADMIN_DOES = only("admin", gets=302)

ROWS: list[Row] = [
    Row(name="queue:board", expect=ADMIN),
    Row(name="queue:board_live", expect=ADMIN),
    Row(
        name="queue:pause",
        method="POST",
        data=lambda world: {"reason": "Maintenance"},
        expect=ADMIN_DOES,
    ),
    Row(name="queue:resume", method="POST", args=pause, expect=ADMIN_DOES),
    Row(name="queue:quarantine", expect=ADMIN),
    Row(
        name="queue:quarantine_fail",
        method="POST",
        args=deadly_clip,
        data=lambda world: {"note": "Try a smaller size."},
        expect=ADMIN_DOES,
    ),
    Row(name="queue:quarantine_release", method="POST", args=deadly_clip, expect=ADMIN_DOES),
    Row(name="queue:workers", expect=ADMIN),
    Row(name="queue:workers_live", expect=ADMIN),
    Row(name="queue:worker_verb", method="POST", args=rest, expect=ADMIN_DOES),
]

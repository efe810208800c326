"""Addresses of the staff's pages of the queue."""

from __future__ import annotations

from typing import Any

from generation.services import pauses, workers
from tests.house.matrix import Row, World, only


def prepare(world: World) -> None:
    world.things |= {
        "pause": pauses.pause(actor=world.admin, cohort=world.cohort, reason="A talk"),
        "worker": workers.started(
            name="gpu@one", device="cpu", memory_bytes=None, model_key="starter"
        ),
    }


def pause(world: World) -> list[Any]:
    return [world.things["pause"].pk]


def rest(world: World) -> list[Any]:
    return [world.things["worker"].pk, "rest"]


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
    Row(name="queue:workers", expect=ADMIN),
    Row(name="queue:workers_live", expect=ADMIN),
    Row(name="queue:worker_verb", method="POST", args=rest, expect=ADMIN_DOES),
]

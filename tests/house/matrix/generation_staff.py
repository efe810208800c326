"""Addresses of the staff's pages of the queue."""

from __future__ import annotations

from typing import Any

from generation.services import pauses, workers
from generation.states import ClipState
from portal.models import Cohort
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


def elsewhere(world: World) -> Cohort:
    return world.other_artist.memberships.get().cohort


def pause(world: World) -> list[Any]:
    return [world.things["pause"].pk]


def rest(world: World) -> list[Any]:
    return [world.things["worker"].pk, "rest"]


def deadly_clip(world: World) -> list[Any]:
    return [world.things["deadly_clip"].pk]


# Admins hold back what is of their cohorts, operators everything.
KEEPERS = only("admin", "operator", gets=200)
KEEPERS_DO = only("admin", "operator", gets=302)
OPERATOR = only("operator", gets=200)
OPERATOR_DOES = only("operator", gets=302)

ROWS: list[Row] = [
    Row(name="queue:board", expect=KEEPERS),
    Row(name="queue:board_live", expect=KEEPERS),
    Row(
        name="queue:pause",
        method="POST",
        data=lambda world: {"reason": "Maintenance", "cohort": elsewhere(world).slug},
        expect={**KEEPERS_DO, "other_admin": 302},
    ),
    Row(
        name="queue:pause",
        method="POST",
        data=lambda world: {"reason": "Maintenance"},
        expect={**OPERATOR_DOES, "other_admin": 404},
    ),
    Row(name="queue:resume", method="POST", args=pause, expect=KEEPERS_DO),
    Row(name="queue:quarantine", expect=KEEPERS),
    Row(
        name="queue:quarantine_fail",
        method="POST",
        args=deadly_clip,
        data=lambda world: {"note": "Try a smaller size."},
        expect=KEEPERS_DO,
    ),
    Row(name="queue:quarantine_release", method="POST", args=deadly_clip, expect=KEEPERS_DO),
    Row(
        name="queue:shares",
        args=lambda world: [world.cohort.slug],
        expect=only("admin", gets=200),
    ),
    Row(
        name="queue:shares",
        method="POST",
        args=lambda world: [world.cohort.slug],
        data=lambda world: {"cohort": "2", f"artist_{world.artist.pk}": "3"},
        expect=only("admin", gets=302),
    ),
    Row(name="queue:workers", expect=OPERATOR),
    Row(name="queue:workers_live", expect=OPERATOR),
    Row(name="queue:worker_verb", method="POST", args=rest, expect=OPERATOR_DOES),
]

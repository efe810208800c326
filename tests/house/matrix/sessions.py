"""Addresses of testing sessions."""

from __future__ import annotations

import uuid
from typing import Any

from tests.factories.payments import make_session, make_session_rate
from tests.house.matrix import Row, World, only

ARTISTS = ("artist", "other_artist")


def prepare(world: World) -> None:
    make_session_rate(world.cohort)
    world.things |= {"session": make_session(world.artist, world.cohort)}


def session(world: World) -> list[Any]:
    return [world.things["session"].pk]


def slug(world: World) -> list[Any]:
    return [world.cohort.slug]


def entry_fields(world: World) -> dict[str, Any]:
    return {
        "token": str(uuid.uuid4()),
        "cohort": world.cohort.pk,
        "day": "2026-01-05",
        "begins": "10:00",
        "minutes": "30",
        "tested": "Rain on water",
    }


ROWS = [
    Row(name="payments:sessions", expect=only(*ARTISTS, gets=200)),
    Row(
        name="payments:session_start",
        method="POST",
        data=lambda world: {"token": str(uuid.uuid4()), "cohort": world.cohort.pk},
        # The other artist is not in the cohort that the form names.
        expect=only("artist", gets=302),
    ),
    Row(name="payments:session_new", expect=only(*ARTISTS, gets=302)),
    Row(
        name="payments:session_new",
        method="POST",
        data=entry_fields,
        expect={**only("artist", gets=302), "other_artist": 400},
    ),
    Row(name="payments:session", args=session, expect=only("artist", gets=200)),
    Row(
        name="payments:session",
        args=session,
        method="POST",
        data=entry_fields,
        expect=only("artist", gets=302),
    ),
    Row(
        name="payments:session_stop",
        args=session,
        method="POST",
        expect=only("artist", gets=302),
    ),
    Row(
        name="payments:session_withdraw",
        args=session,
        method="POST",
        expect=only("artist", gets=302),
    ),
    Row(name="payments:session_review", expect=only("admin", "finance", gets=200)),
    Row(
        name="payments:session_confirm",
        args=session,
        method="POST",
        expect=only("admin", gets=302),
    ),
    Row(name="payments:session_answer", args=session, expect=only("admin", gets=200)),
    Row(
        name="payments:session_answer",
        args=session,
        method="POST",
        data=lambda world: {"outcome": "ask", "why": "Was there a break?"},
        expect=only("admin", gets=302),
    ),
    Row(name="payments:floor", args=slug, expect=only("finance", gets=200)),
    Row(
        name="payments:floor",
        args=slug,
        method="POST",
        data=lambda world: {"amount": "20.00", "month": "2099-01-01"},
        expect=only("finance", gets=302),
    ),
    Row(name="payments:session_terms", args=slug, expect=only("finance", gets=200)),
    Row(
        name="payments:session_terms",
        args=slug,
        method="POST",
        data=lambda world: {"confirm_days": "5", "longest_minutes": "240"},
        expect=only("finance", gets=302),
    ),
]

"""Addresses of the waiting list."""

from __future__ import annotations

from typing import Any

from tests.factories.applications import apply_for, make_application, open_call
from tests.house.matrix import Row, World, everyone, only


def prepare(world: World) -> None:
    open_call(world.cohort, actor=world.admin)
    world.things |= {
        "application_token": apply_for(world.cohort, email="lina@example.org"),
        "application": make_application(world.cohort, email="omar@example.org"),
    }


def slug(world: World) -> list[Any]:
    return [world.cohort.slug]


def token(world: World) -> list[Any]:
    return [world.things["application_token"]]


def one(world: World) -> list[Any]:
    return [world.things["application"].pk]


ROWS = [
    Row(name="apply", args=slug, expect=everyone(200)),
    Row(name="apply", args=lambda world: ["nowhere"], expect=everyone(404)),
    # The field that only programs fill in: nothing is kept of it.
    Row(
        name="apply",
        method="POST",
        args=slug,
        data=lambda world: {"website": "https://spam.example"},
        expect=everyone(302),
    ),
    Row(name="apply_sent", args=slug, expect=everyone(200)),
    Row(name="application_link", args=token, expect=everyone(200)),
    Row(name="application_link", args=lambda world: ["made-up"], expect=everyone(404)),
    Row(name="application_link", method="POST", args=token, expect=everyone(200)),
    Row(name="applications", args=slug, expect=only("admin", gets=200)),
    Row(name="application_export", args=slug, expect=only("admin", gets=200)),
    Row(name="application_call", args=slug, expect=only("admin", gets=200)),
    Row(
        name="application_call",
        method="POST",
        args=slug,
        data=lambda world: {"opens_on": "2027-01-01"},
        expect=only("admin", gets=302),
    ),
    Row(
        name="applications_move",
        method="POST",
        args=slug,
        data=lambda world: {"verb": "shortlist"},
        expect=only("admin", gets=302),
    ),
    Row(name="application", args=one, expect=only("admin", gets=200)),
    Row(
        name="application",
        method="POST",
        args=one,
        data=lambda world: {"remark": "Ask Rosa"},
        expect=only("admin", gets=302),
    ),
    Row(
        name="application_verb",
        method="POST",
        args=lambda world: [*one(world), "shortlist"],
        expect=only("admin", gets=302),
    ),
]

"""Addresses around who belongs to a cohort."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from portal.models import Membership
from portal.services import members
from tests.factories.portal import join, make_person
from tests.house.matrix import Row, World, only


def prepare(world: World) -> None:
    gone = make_person("Nour Haddad")
    join(gone, world.cohort)
    world.things |= {
        "membership": Membership.objects.get(user=world.artist, cohort=world.cohort),
        "ended": members.remove(
            actor=world.admin,
            membership=Membership.objects.get(user=gone, cohort=world.cohort),
            reason="They asked us to.",
        ),
    }


def slug(world: World) -> list[Any]:
    return [world.cohort.slug]


def membership(world: World) -> list[Any]:
    return [world.things["membership"].pk]


def ended(world: World) -> list[Any]:
    return [world.things["ended"].pk]


ROWS = [
    Row(name="cohort_leave", args=membership, expect=only("artist", gets=200)),
    Row(name="cohort_leave", args=ended, expect=only(gets=200)),
    Row(
        name="cohort_leave",
        method="POST",
        args=membership,
        data=lambda world: {"reason": "A film calls."},
        expect=only("artist", gets=302),
    ),
    Row(name="member_remove", args=membership, expect=only("admin", gets=200)),
    Row(
        name="member_remove",
        method="POST",
        args=membership,
        data=lambda world: {"reason": "The residency is over for them."},
        expect=only("admin", gets=302),
    ),
    Row(name="member_remove", method="POST", args=membership, expect=only("admin", gets=400)),
    Row(name="cohort_extend", args=slug, expect=only("admin", gets=200)),
    Row(
        name="cohort_extend",
        method="POST",
        args=slug,
        data=lambda world: {"ends_on": world.cohort.ends_on + timedelta(days=30)},
        expect=only("admin", gets=302),
    ),
    Row(name="cohort_close", args=slug, expect=only("admin", gets=200)),
    Row(
        name="cohort_close",
        method="POST",
        args=slug,
        data=lambda world: {"reason": "The residency is over."},
        expect=only("admin", gets=302),
    ),
    Row(name="member_reinstate", method="POST", args=ended, expect=only("admin", gets=302)),
]

"""Addresses of cohorts' reports and budgets of money."""

from __future__ import annotations

from typing import Any

from payments.services.reports import make, publish, withdraw
from tests.house.matrix import Row, World, everyone, only


def prepare(world: World) -> None:
    withdrawn, public, newest = (make(actor=world.admin, cohort=world.cohort) for _ in range(3))
    for report in (withdrawn, public):
        publish(actor=world.admin, report=report)
    withdraw(actor=world.admin, report=withdrawn)
    world.things |= {"withdrawn": withdrawn, "public": public, "newest": newest}


def slug(world: World) -> list[Any]:
    return [world.cohort.slug]


def thing(name: str) -> Any:
    return lambda world: [world.things[name].pk]


def public(name: str) -> Any:
    return lambda world: [world.cohort.slug, world.things[name].pk]


ROWS = [
    Row(
        name="payments:report",
        args=slug,
        expect=only("artist", "reviewer", "admin", "finance", "operator", gets=200),
    ),
    Row(name="payments:overview", expect=only("finance", gets=200)),
    Row(name="payments:budget", args=slug, expect=only("finance", gets=200)),
    Row(
        name="payments:budget",
        args=slug,
        method="POST",
        data=lambda world: {"amount": "12000.00"},
        expect=only("finance", gets=302),
    ),
    Row(name="payments:report_make", args=slug, method="POST", expect=only("admin", gets=302)),
    Row(
        name="payments:report_publish",
        args=thing("newest"),
        method="POST",
        expect=only("admin", gets=302),
    ),
    Row(
        name="payments:report_withdraw",
        args=thing("public"),
        method="POST",
        expect=only("admin", gets=302),
    ),
    *(
        Row(name=f"payments:{name}", args=public(of), expect={**everyone(status), **others})
        for name in ("public_report", "public_report_pdf")
        for of, status, others in [
            ("public", 200, {"other_admin": 200}),
            ("withdrawn", 404, {}),
            ("newest", 404, {}),
        ]
    ),
]

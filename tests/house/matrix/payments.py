"""Addresses of payments."""

from __future__ import annotations

import uuid
from typing import Any

from payments.models import Payout
from payments.queries import newest_owed
from payments.services.feedback import Report, save_draft
from payments.services.holds import place
from payments.services.payouts import approve, export, mark_sent
from portal.states import Role
from tests.factories.payments import GB_IBAN, make_artist, make_draft, make_feedback, make_work
from tests.factories.portal import make_person
from tests.house.matrix import Row, World, only, signed_in
from tests.payments.pictures import png_upload


def prepare(world: World) -> None:
    second = make_person("Anselm Weber", role=Role.FINANCE)
    world.things |= {
        "feedback": make_feedback(world.artist, world.cohort),
        "pictured": _draft(world, picture=True),
        "draft_report": _draft(world),
        "sent": mark_sent(actor=second, payout=_payout(world, second, steps=2)),
        "exported": _payout(world, second, steps=2),
        "approved": _payout(world, second, steps=1),
        "drafted": _payout(world, second, steps=0),
        "hold": place(actor=second, person=_paid(world), reason="A question"),
        "owed": make_work(world.artist, world.cohort, 12_00),
    }


def _draft(world: World, *, picture: bool = False) -> Any:
    report = Report(
        cohort=world.cohort,
        model_key="starter",
        tried="A boat",
        picture=png_upload() if picture else None,
    )
    return save_draft(actor=world.artist, report=report, token=uuid.uuid4())


def _payout(world: World, second: Any, *, steps: int) -> Payout:
    make_work(world.artist, world.cohort, 10_00)
    payout = make_draft(second, world.cohort)
    for step in (approve, export)[:steps]:
        payout = step(actor=world.admin, payout=payout)
    return payout


def _paid(world: World) -> Any:
    """Somebody else whom finance pays."""
    return make_work(make_artist(world.cohort, "Mina"), world.cohort, 5_00).artist


def thing(name: str) -> Any:
    return lambda world: [world.things[name].pk]


def report_fields(world: World) -> dict[str, Any]:
    return {
        "token": str(uuid.uuid4()),
        "cohort": world.cohort.pk,
        "model_key": "starter",
        "tried": "A boat at night",
        "action": "file",
    }


def payee_fields(world: World) -> dict[str, Any]:
    return {"method": "iban", "holder": "Somebody", "iban": GB_IBAN}


def rate_fields(world: World) -> dict[str, Any]:
    return {
        "kind": "feedback",
        "amount": "30.00",
        "effective_from": "2099-01-01",
        "cap_period": "none",
    }


def draft_fields(world: World) -> dict[str, Any]:
    return {
        "cohort": world.cohort.slug,
        "currency": "EUR",
        "key": str(uuid.uuid4()),
        "through": newest_owed(cohort=world.cohort, currency="EUR"),
        "pay": [f"{world.artist.pk}:1200"],
    }


def slug(world: World) -> list[Any]:
    return [world.cohort.slug]


def month(world: World) -> list[Any]:
    return [2026, 1]


def transfer(world: World) -> list[Any]:
    return [world.things["sent"].remittances.get().pk]


ARTISTS = ("artist", "other_artist")

ROWS = [
    Row(name="payments:work", expect=signed_in(302)),
    Row(name="payments:feedback", expect=only(*ARTISTS, "admin", gets=200)),
    Row(name="payments:feedback_new", expect=only(*ARTISTS, gets=200)),
    Row(
        name="payments:feedback_new",
        method="POST",
        data=report_fields,
        # The other artist is not in the cohort that the form names.
        expect={**only("artist", gets=302), "other_artist": 400},
    ),
    Row(
        name="payments:feedback_detail",
        args=thing("feedback"),
        expect=only("artist", "admin", gets=200),
    ),
    Row(
        name="payments:feedback_detail",
        args=thing("draft_report"),
        expect=only("artist", gets=302),
    ),
    Row(name="payments:feedback_edit", args=thing("draft_report"), expect=only("artist", gets=200)),
    Row(
        name="payments:feedback_edit",
        args=thing("draft_report"),
        method="POST",
        data=report_fields,
        expect=only("artist", gets=302),
    ),
    Row(name="payments:feedback_edit", args=thing("feedback"), expect=only("artist", gets=302)),
    Row(
        name="payments:feedback_delete",
        args=thing("draft_report"),
        method="POST",
        expect=only("artist", gets=302),
    ),
    Row(
        name="payments:feedback_triage",
        args=thing("feedback"),
        method="POST",
        data=lambda world: {"outcome": "read"},
        expect=only("admin", gets=302),
    ),
    Row(
        name="payments:feedback_picture",
        args=thing("pictured"),
        expect=only("artist", gets=200),
    ),
    Row(name="payments:feedback_picture", args=thing("feedback"), expect=signed_in(404)),
    Row(name="payments:earnings", expect=only(*ARTISTS, gets=200)),
    Row(name="payments:earnings_csv", expect=only(*ARTISTS, gets=200)),
    Row(name="payments:payee", expect=only(*ARTISTS, gets=200)),
    Row(
        name="payments:payee",
        method="POST",
        data=payee_fields,
        expect=only(*ARTISTS, gets=302),
    ),
    Row(
        name="payments:payout_statement",
        args=thing("drafted"),
        expect=only("artist", gets=200),
    ),
    Row(name="payments:year_totals", expect=only("finance", gets=200)),
    Row(name="payments:year_statement", args=lambda world: [2026], expect=only(*ARTISTS, gets=200)),
    Row(name="payments:month_statement", args=month, expect=only(*ARTISTS, gets=200)),
    Row(name="payments:payouts", expect=only("finance", gets=200)),
    Row(
        name="payments:payout_new",
        data=lambda world: {"cohort": world.cohort.slug},
        expect=only("finance", gets=200),
    ),
    Row(
        name="payments:payout_new",
        method="POST",
        data=draft_fields,
        expect=only("finance", gets=302),
    ),
    Row(name="payments:payout_detail", args=thing("drafted"), expect=only("finance", gets=200)),
    *(
        Row(
            name=f"payments:{name}", args=thing(of), method="POST", expect=only("finance", gets=302)
        )
        for name, of in [
            ("payout_approve", "drafted"),
            ("payout_export", "approved"),
            ("payout_sent", "exported"),
            ("payout_cancel", "drafted"),
        ]
    ),
    Row(name="payments:holds", expect=only("finance", gets=200)),
    Row(
        name="payments:holds",
        method="POST",
        data=lambda world: {"person": world.artist.pk, "reason": "A question about the account"},
        expect=only("finance", gets=302),
    ),
    Row(
        name="payments:hold_lift",
        args=thing("hold"),
        method="POST",
        expect=only("finance", gets=302),
    ),
    Row(name="payments:remittances", expect=only("finance", gets=200)),
    Row(name="payments:remittance", args=transfer, expect=only("finance", gets=200)),
    Row(
        name="payments:remittance_answer",
        args=transfer,
        method="POST",
        data=lambda world: {"outcome": "settled"},
        expect=only("finance", gets=302),
    ),
    Row(
        name="payments:payout_settled",
        args=thing("sent"),
        method="POST",
        data=lambda world: {"bank_reference": "Statement 47"},
        expect=only("finance", gets=302),
    ),
    Row(name="payments:payout_file", args=thing("exported"), expect=only("finance", gets=200)),
    Row(name="payments:payout_file", args=thing("drafted"), expect=signed_in(404)),
    Row(name="payments:rates", args=slug, expect=only("finance", gets=200)),
    Row(
        name="payments:rates",
        args=slug,
        method="POST",
        data=rate_fields,
        expect=only("finance", gets=302),
    ),
]

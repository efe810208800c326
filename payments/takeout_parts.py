"""What payments puts into a takeout: feedback with its pictures, and money."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import PurePath
from typing import Any

from django.core.files.storage import default_storage
from django.utils.translation import gettext_lazy as _

from payments import queries
from payments.models import (
    Dispute,
    Feedback,
    PayeeDetails,
    PayHold,
    Remittance,
    TestingSession,
    TopUp,
    WorkItem,
)
from payments.statements import Period, months_of, statements_of
from portal import takeouts
from portal.models import User
from portal.takeouts import Bag, Part
from portal.templatetags.greenroom import decimal_amount

logger = logging.getLogger(__name__)

WORK_HEADER = (
    *("date", "work", "about", "cohort", "rate", "amount", "currency", "state", "note", "clip"),
)
SESSION_HEADER = (
    *("began", "ended", "minutes", "tested", "cohort", "clock", "state"),
    *("answer", "confirmed", "due"),
)
_FEEDBACK = (
    *("state", "model_key", "tried", "happened", "change", "opinion", "minutes", "created_at"),
    *("filed_at", "picture_sha256"),
)


def feedback(person: User, bag: Bag) -> None:
    found = (
        Feedback.objects.filter(author=person)
        .select_related("cohort")
        .prefetch_related("triage")
        .order_by("pk")
    )
    rows: list[dict[str, Any]] = []
    for report in found:
        rows.append(
            {
                "id": report.pk,
                "cohort": report.cohort.name,
                "clip": report.clip_id,
                **{name: getattr(report, name) for name in _FEEDBACK},
                "picture": _picture(bag, report),
                "what_became_of_it": [
                    {"status": said.status, "note": said.note, "at": said.at}
                    for said in report.triage.all()
                ],
            }
        )
    bag.json("feedback/feedback.json", rows)
    header = ("id", "cohort", "clip", *_FEEDBACK, "picture")
    bag.csv("feedback/feedback.csv", header, ([row[name] for name in header] for row in rows))


def _picture(bag: Bag, report: Feedback) -> str:
    if not report.picture:
        return ""
    name = f"{report.pk}{PurePath(report.picture).suffix}"
    try:
        with default_storage.open(report.picture, "rb") as file:
            bag.file(f"feedback/{name}", file)
    except FileNotFoundError:
        logger.warning("the picture of feedback %s is missing", report.pk)
        return ""
    return name


def payments(person: User, bag: Bag) -> None:
    work = queries.work_of(person).order_by("pk")
    bag.csv("payments/earnings.csv", WORK_HEADER, _work(work.iterator(chunk_size=500)))
    received = queries.received_by(person)
    bag.csv(
        "payments/payouts.csv",
        (
            *("payout", "state", "pieces", "amount", "currency", "sent"),
            *("transfer", "transfer_key", "account", "attempt", "ended", "reason"),
        ),
        (
            (
                *(item.payout.reference, item.payout.state, item.pieces),
                *(_amount(item.total_minor, item.payout.currency), item.payout.currency),
                item.payout.sent_at,
                *_transfer(item.remittance),
            )
            for item in received
        ),
    )
    bag.csv(
        "payments/statements.csv",
        ("month", "currency", "opening", "earned", "paid", "returned", "closing"),
        _statements(person),
    )
    bag.csv("payments/sessions.csv", SESSION_HEADER, _sessions(person))
    bag.csv(
        "payments/top_ups.csv",
        ("month", "cohort", "minutes", "pay", "floor", "top_up", "currency", "reckoned"),
        _top_ups(person),
    )
    bag.json("payments/disputes.json", _disputes(person))
    bag.json(
        "payments/holds.json",
        [
            {"reason": hold.reason, "placed_at": hold.placed_at, "lifted_at": hold.lifted_at}
            for hold in PayHold.objects.filter(person=person).order_by("pk")
        ],
    )
    payee = PayeeDetails.objects.filter(artist=person).first()
    bag.json(
        "payments/payee.json",
        {"method": payee.method, "holder": payee.holder, "account": payee.account_hint}
        if payee is not None
        else None,
    )


def _transfer(sent: Remittance | None) -> Sequence[object]:
    if sent is None:
        return ("",) * 6
    return (sent.state, sent.key, sent.account_hint, sent.attempt, sent.closed_at, sent.reason)


def _work(items: Iterator[WorkItem]) -> Iterator[Sequence[object]]:
    for item in items:
        rate = item.rate
        yield (
            *(item.accrued_at, item.kind, item.about, item.cohort.name),
            _amount(rate.amount_minor, rate.currency) if rate is not None else "",
            *(_amount(item.amount_minor, item.currency), item.currency),
            *(getattr(item, "state", ""), item.note, item.clip_id or ""),
        )


def _sessions(person: User) -> Iterator[Sequence[object]]:
    found = TestingSession.objects.filter(artist=person).select_related("cohort")
    for row in found.order_by("started_at", "pk"):
        yield (
            *(row.started_at, row.ended_at or "", row.minutes, row.tested, row.cohort.name),
            *(row.by_clock, row.state, row.answer, row.confirmed_at or "", row.due_at or ""),
        )


def _top_ups(person: User) -> Iterator[Sequence[object]]:
    for row in TopUp.objects.filter(artist=person).select_related("cohort", "floor").order_by("pk"):
        currency = row.floor.currency
        yield (
            *(_month(row.month), row.cohort.name, row.minutes),
            *(_amount(row.pay_minor, currency), _amount(row.floor.amount_minor, currency)),
            *(_amount(row.amount_minor, currency), currency, row.reckoned_at),
        )


def _disputes(person: User) -> list[dict[str, Any]]:
    found = Dispute.objects.filter(artist=person).prefetch_related("messages").order_by("pk")
    return [
        {
            "work": row.work_id,
            "state": row.state,
            "opened_at": row.opened_at,
            "ended_at": row.ended_at,
            "words": [
                {"mine": said.by_id == person.pk, "text": said.text, "at": said.at}
                for said in row.messages.all()
            ],
        }
        for row in found
    ]


def _statements(person: User) -> Iterator[Sequence[object]]:
    for first in reversed(months_of(person)):
        period = Period(year=first.year, month=first.month)
        for one in statements_of(person, period):
            amounts = (
                *(one.opening_minor, one.earned_minor, one.paid_minor),
                *(one.returned_minor, one.closing_minor),
            )
            yield (
                *(period.name, one.currency),
                *(_amount(amount, one.currency) for amount in amounts),
            )


def _month(day: date) -> str:
    return Period(year=day.year, month=day.month).name


def _amount(minor: int, currency: str) -> Decimal:
    return Decimal(decimal_amount(minor, currency))


takeouts.add_own(
    "payments.feedback", lambda person: Feedback.objects.filter(author=person).order_by()
)
takeouts.add_own(
    "payments.workitem", lambda person: WorkItem.objects.filter(artist=person).order_by()
)
takeouts.add_own(
    "payments.testingsession",
    lambda person: TestingSession.objects.filter(artist=person).order_by(),
)
takeouts.add_own("payments.topup", lambda person: TopUp.objects.filter(artist=person).order_by())
takeouts.add_own(
    "payments.dispute", lambda person: Dispute.objects.filter(artist=person).order_by()
)
takeouts.add_part(
    Part(
        key="feedback",
        name="feedback/",
        label=_("Feedback"),
        about=_("Your feedback with its pictures, and what the programme said became of it."),
        write=feedback,
        order=50,
    )
)
takeouts.add_part(
    Part(
        key="payments",
        name="payments/",
        label=_("Earnings and payouts"),
        about=_(
            "What you earned, piece by piece, the time you recorded, what was paid out, and your "
            "account month by month. "
            "Of your bank account you find as much as the settings show."
        ),
        write=payments,
        order=70,
    )
)

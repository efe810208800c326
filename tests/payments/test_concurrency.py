"""Two people, two workers, the same moment: nothing is counted twice."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from django.db import connection

from payments.errors import NothingOwed, OwedChanged
from payments.models import Entry, Feedback, Payout, PayoutLine, WorkItem
from payments.proofs import faults
from payments.queries import liability_of, newest_owed
from payments.remittance_errors import AlreadyAnswered
from payments.services.accrual import accrue_brief_clip
from payments.services.feedback import Report, file_feedback
from payments.services.payouts import approve, draft_payout, export, mark_sent
from payments.services.remittances import fail, settle
from payments.session_errors import SessionOverlaps
from payments.session_states import Confirmer
from payments.states import CapPeriod, RateKind
from portal.errors import GreenroomError
from portal.models import Cohort, User
from tests.factories.generation import make_clip
from tests.factories.payments import (
    make_admin,
    make_draft,
    make_rate,
    make_sent,
    make_session,
    make_session_rate,
    make_work,
)
from tests.factories.portal import make_brief

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls: Callable[[], object]) -> Sequence[object]:
    """Run *calls* in threads that begin together; answers or errors, in their order."""
    gate = threading.Barrier(len(calls))
    answers: list[object] = [None] * len(calls)

    def run(number: int, call: Callable[[], object]) -> None:
        try:
            gate.wait()
            answers[number] = call()
        except Exception as error:  # noqa: BLE001 - handed to the test, which compares it
            answers[number] = error
        finally:
            connection.close()

    threads = [
        threading.Thread(target=run, args=(number, call)) for number, call in enumerate(calls)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def drafting(admin: User, cohort: Cohort, expected: dict[int, int], key: uuid.UUID) -> Payout:
    return draft_payout(
        actor=admin,
        cohort=cohort,
        currency="EUR",
        expected=expected,
        through=newest_owed(cohort=cohort, currency="EUR") or 10**9,
        idempotency_key=key,
    )


def test_one_clip_told_four_times_at_once(cohort: Cohort, artist: User) -> None:
    make_rate(cohort)
    clip = make_clip(artist=artist, cohort=cohort, brief=make_brief(cohort, takes_wanted=4))

    answers = at_once(*[lambda: accrue_brief_clip(actor=None, clip=clip)] * 4)

    assert sorted(type(answer).__name__ for answer in answers) == [
        "NoneType",
        "NoneType",
        "NoneType",
        "WorkItem",
    ]
    assert liability_of(artist, "EUR") == 40_00


def test_four_takes_finish_at_once_and_one_is_wanted(cohort: Cohort, artist: User) -> None:
    make_rate(cohort)
    brief = make_brief(cohort, takes_wanted=1)
    clips = [make_clip(artist=artist, cohort=cohort, brief=brief) for _take in range(4)]

    at_once(*[lambda clip=clip: accrue_brief_clip(actor=None, clip=clip) for clip in clips])

    assert WorkItem.objects.count() == 1
    assert liability_of(artist, "EUR") == 40_00


def test_a_cap_holds_at_once(cohort: Cohort, artist: User) -> None:
    make_rate(cohort, RateKind.FEEDBACK, 25_00, cap_count=2, cap_period=CapPeriod.MONTH)
    report = Report(cohort=cohort, model_key="starter", tried="A boat")

    at_once(
        *[lambda: file_feedback(actor=artist, report=report, token=uuid.uuid4())] * 4,
    )

    assert Feedback.objects.count() == 4
    assert liability_of(artist, "EUR") == 50_00


def test_one_form_filed_twice_at_once(cohort: Cohort, artist: User) -> None:
    make_rate(cohort, RateKind.FEEDBACK, 25_00)
    token = uuid.uuid4()
    report = Report(cohort=cohort, model_key="starter", tried="A boat")

    first, second = at_once(*[lambda: file_feedback(actor=artist, report=report, token=token)] * 2)

    assert first == second
    assert Feedback.objects.count() == 1
    assert liability_of(artist, "EUR") == 25_00


def test_two_admins_draft_at_once(
    cohort: Cohort, artist: User, admin: User, second_admin: User
) -> None:
    for _piece in range(3):
        make_work(artist, cohort, 10_00)
    expected = {artist.pk: 30_00}

    answers = at_once(
        lambda: drafting(admin, cohort, expected, uuid.uuid4()),
        lambda: drafting(second_admin, cohort, expected, uuid.uuid4()),
    )

    payout = Payout.objects.get()
    refused = [answer for answer in answers if not isinstance(answer, Payout)]
    assert len(refused) == 1
    assert isinstance(refused[0], (NothingOwed, OwedChanged))
    assert payout.total_minor == 30_00
    assert PayoutLine.objects.filter(live=True).count() == 3


def test_one_form_drafted_twice_at_once(cohort: Cohort, artist: User, admin: User) -> None:
    make_work(artist, cohort, 10_00)
    key = uuid.uuid4()

    first, second = at_once(
        *[lambda: drafting(admin, cohort, {artist.pk: 10_00}, key)] * 2,
    )

    assert first == second == Payout.objects.get()


def test_sent_by_two_at_once(cohort: Cohort, artist: User, admin: User, second_admin: User) -> None:
    third = make_admin("Third")
    make_work(artist, cohort, 10_00)
    payout = make_draft(admin, cohort)
    approve(actor=second_admin, payout=payout)
    export(actor=admin, payout=payout)

    answers = at_once(
        lambda: mark_sent(actor=admin, payout=payout),
        lambda: mark_sent(actor=third, payout=payout),
    )

    assert not any(isinstance(answer, GreenroomError) for answer in answers)
    assert Entry.objects.filter(payout=payout).count() == 1
    assert liability_of(artist, "EUR") == 0


def test_arrived_and_came_back_at_once(
    cohort: Cohort, artist: User, admin: User, second_admin: User
) -> None:
    make_work(artist, cohort, 10_00)
    row = make_sent(admin, second_admin, cohort).remittances.get()

    answers = at_once(
        lambda: settle(actor=admin, remittance=row),
        lambda: settle(actor=second_admin, remittance=row),
        lambda: fail(actor=second_admin, remittance=row, reason="closed"),
        lambda: fail(actor=admin, remittance=row, reason="closed"),
    )

    row.refresh_from_db()
    refused = [answer for answer in answers if isinstance(answer, AlreadyAnswered)]
    assert len(refused) == 2, "the two clicks that agree are one answer"
    assert Entry.objects.get(remittance=row).cause == f"remittance:{row.pk}:{row.state}"
    assert liability_of(artist, "EUR") == (0 if row.state == "settled" else 10_00)
    assert list(faults()) == []


def test_one_hour_is_recorded_once(cohort: Cohort, artist: User) -> None:
    make_session_rate(cohort, confirmed_by=Confirmer.NOBODY)
    day = timedelta(hours=20)
    answers = at_once(*[lambda: make_session(artist, cohort, ago=day, minutes=60)] * 3)

    assert sum(isinstance(answer, SessionOverlaps) for answer in answers) == 2, answers
    assert WorkItem.objects.filter(kind="testing_session").count() == 1
    assert list(faults()) == []

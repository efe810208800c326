"""What the database refuses about payouts, whoever asks."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone
from pytest_django import Settings

from payments.models import Payout, PayoutLine
from payments.services.payouts import approve, export
from portal.models import Cohort, User
from tests.factories.payments import make_draft, make_work

pytestmark = pytest.mark.django_db


def run(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize(
    ("statement", "match"),
    [
        (
            "UPDATE payments_payout SET state = 'approved', approved_at = now(), "
            "approved_by_id = drafted_by_id",
            "payout_approved_by_another",
        ),
        ("UPDATE payments_payout SET state = 'approved'", "payout_approved_by_someone"),
        ("UPDATE payments_payout SET state = 'sent'", "transition"),
        ("UPDATE payments_payout SET people = 1", "Cannot update|read|only"),
        ("UPDATE payments_payout SET total_minor = 1", "Cannot update|read|only"),
        ("DELETE FROM payments_payout", "permission denied"),
        ("UPDATE payments_payoutline SET amount_minor = 1", "Cannot update|read|only"),
        ("UPDATE payments_payoutline SET live = false", "only by cancelling"),
        ("DELETE FROM payments_payoutline", "permission denied"),
        (
            "INSERT INTO payments_payoutline (payout_id, work_id, artist_id, amount_minor, "
            "live) SELECT payout_id, work_id, artist_id, amount_minor, true "
            "FROM payments_payoutline",
            "payout_line_one_live_per_work",
        ),
        (
            "INSERT INTO payments_payoutline (payout_id, work_id, artist_id, amount_minor, "
            "live) SELECT payout_id, work_id, artist_id, 999, true FROM payments_payoutline",
            "does not fit",
        ),
        (
            "INSERT INTO payments_payout (cohort_id, currency, total_minor, state, "
            "idempotency_key, drafted_by_id, drafted_at, cancel_reason) "
            "SELECT cohort_id, currency, 5, 'draft', gen_random_uuid(), drafted_by_id, now(), "
            "'' FROM payments_payout",
            "do not add up",
        ),
        (
            "INSERT INTO payments_payout (cohort_id, currency, total_minor, state, "
            "idempotency_key, drafted_by_id, drafted_at, cancel_reason) "
            "SELECT cohort_id, currency, 5, 'approved', gen_random_uuid(), drafted_by_id, "
            "now(), '' FROM payments_payout",
            "Cannot insert",
        ),
    ],
)
def test_what_must_not_be(
    cohort: Cohort, artist: User, admin: User, statement: str, match: str
) -> None:
    make_work(artist, cohort, 25_00)
    make_draft(admin, cohort)
    with pytest.raises(DatabaseError, match=match):
        run(statement)


def test_who_sends_is_somebody_else(
    cohort: Cohort, artist: User, admin: User, second_admin: User, settings: Settings
) -> None:
    make_work(artist, cohort, 25_00)
    settings.PAYOUT_PEOPLE = 3
    payout = export(
        actor=admin, payout=approve(actor=second_admin, payout=make_draft(admin, cohort))
    )
    for sender, refusal in ((second_admin, "sent_by_another"), (admin, "sent_by_a_third")):
        with pytest.raises(IntegrityError, match=f"payout_{refusal}"), transaction.atomic():
            Payout.objects.filter(pk=payout.pk).update(
                state="sent", sent_at=timezone.now(), sent_by=sender
            )


def test_a_payout_of_one_person_cannot_be_drafted(
    cohort: Cohort, artist: User, admin: User, settings: Settings
) -> None:
    make_work(artist, cohort, 25_00)
    settings.PAYOUT_PEOPLE = 1
    with pytest.raises(IntegrityError, match="payout_people_known"), transaction.atomic():
        make_draft(admin, cohort)


def test_lines_are_not_added_once_it_is_approved(
    cohort: Cohort, artist: User, admin: User, second_admin: User
) -> None:
    make_work(artist, cohort, 25_00)
    payout = approve(actor=second_admin, payout=make_draft(admin, cohort))
    late = make_work(artist, cohort, 5_00)
    with pytest.raises(IntegrityError, match="does not fit"), transaction.atomic():
        PayoutLine.objects.create(payout=payout, work=late, artist=artist, amount_minor=5_00)

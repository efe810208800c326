"""Whatever happens in whatever order: the books balance, and owe what the work says."""

from __future__ import annotations

import pytest
from django.db.models import QuerySet, Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from payments.errors import AlreadyCorrected, NothingOwed, OwedChanged
from payments.models import Payout, Posting, Remittance, WorkItem
from payments.proofs import faults
from payments.queries import (
    balances_of,
    liability_of,
    owed_shares,
)
from payments.remittance_errors import AlreadyAnswered
from payments.services.accrual import adjust, correct_work
from payments.services.payouts import approve, cancel, export, mark_sent
from payments.services.remittances import fail, lose_sight, settle, time_out
from payments.statements import Period, Statement, statements_of
from payments.states import RemittanceState
from portal.errors import IllegalTransition
from portal.models import Cohort, User
from tests.factories.payments import make_admin, make_artist, make_draft, make_sent
from tests.factories.portal import make_cohort

amounts = st.integers(min_value=1, max_value=10_000_00)
people = st.integers(min_value=0, max_value=1)
operations = st.lists(
    st.one_of(
        st.tuples(st.just("earn"), people, amounts),
        st.tuples(st.just("take"), people, amounts),
        st.tuples(st.just("correct"), st.integers(0, 20), st.just(0)),
        st.tuples(st.just("draft"), st.just(0), st.just(0)),
        st.tuples(
            st.sampled_from(["approve", "export", "send", "cancel"]), st.integers(0, 5), st.just(0)
        ),
        st.tuples(
            st.sampled_from(["settle", "fail", "lose", "time out"]), st.integers(0, 9), st.just(0)
        ),
        # The whole way of a payout in one step, or examples rarely get to where money moves.
        st.tuples(st.just("carry"), st.just(0), st.just(0)),
    ),
    max_size=20,
)


def total_of(remittances: QuerySet[Remittance]) -> int:
    return remittances.aggregate(total=Sum("amount_minor"))["total"] or 0


class TestBooks(TestCase):
    cohort: Cohort
    artists: list[User]
    drafter: User
    approver: User

    @classmethod
    def setUpTestData(cls) -> None:
        cls.cohort = make_cohort()
        cls.artists = [make_artist(cls.cohort), make_artist(cls.cohort)]
        cls.drafter, cls.approver = make_admin(), make_admin()

    @settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(operations)
    def test_any_order(self, steps: list[tuple[str, int, int]]) -> None:
        for name, which, amount in steps:
            self.do(name, which, amount)
        self.check()

    def do(self, name: str, which: int, amount: int) -> None:
        if name in {"earn", "take"}:
            adjust(
                actor=self.drafter,
                artist=self.artists[which],
                cohort=self.cohort,
                amount_minor=amount if name == "earn" else -amount,
                currency="EUR",
                reason="a test",
            )
        elif name == "correct":
            work = WorkItem.objects.order_by("pk")[which : which + 1].first()
            if work is not None:
                self.tolerate(lambda: correct_work(actor=self.drafter, work=work, reason="x"))
        elif name == "draft":
            self.tolerate(lambda: make_draft(self.drafter, self.cohort))
        elif name == "carry":
            self.tolerate(lambda: make_sent(self.drafter, self.approver, self.cohort))
        elif name in {"settle", "fail", "lose", "time out"}:
            remittance = Remittance.objects.order_by("pk")[which : which + 1].first()
            if remittance is not None:
                self.tolerate(lambda: self.answer(name, remittance))
        else:
            payout = Payout.objects.order_by("pk")[which : which + 1].first()
            if payout is not None:
                self.tolerate(lambda: self.move(name, payout))

    def move(self, name: str, payout: Payout) -> None:
        if name == "approve":
            approve(actor=self.approver, payout=payout)
        elif name == "export":
            export(actor=self.drafter, payout=payout)
        elif name == "send":
            mark_sent(actor=self.drafter, payout=payout)
        else:
            cancel(actor=self.drafter, payout=payout, reason="x")

    def answer(self, name: str, remittance: Remittance) -> None:
        if name == "settle":
            settle(actor=self.drafter, remittance=remittance, bank_reference="B1", note="seen")
        elif name == "fail":
            fail(
                actor=self.drafter,
                remittance=remittance,
                reason="closed",
                bank_reference="B1",
                note="seen",
            )
        elif name == "lose":
            lose_sight(actor=self.drafter, remittance=remittance)
        else:
            time_out()

    @staticmethod
    def tolerate(call: object) -> None:
        """Refusals are fine; only what was written counts."""
        try:
            call()  # type: ignore[operator]
        except (AlreadyAnswered, AlreadyCorrected, IllegalTransition, NothingOwed, OwedChanged):
            return

    def check(self) -> None:
        total = Posting.objects.aggregate(total=Sum("amount_minor"))["total"] or 0
        assert total == 0
        owed_now = {
            share.artist.pk: share.total_minor
            for share in owed_shares(cohort=self.cohort, currency="EUR")
        }
        assert list(faults()) == []
        for artist in self.artists:
            balances = balances_of(artist)
            owed = sum(balance.owed_minor for balance in balances)
            waiting = sum(balance.in_payout_minor for balance in balances)
            paid = sum(balance.paid_minor for balance in balances)
            assert owed == owed_now.get(artist.pk, 0)
            assert owed + waiting == liability_of(artist, "EUR")
            away = sum(balance.in_transit_minor for balance in balances)
            transfers = Remittance.objects.filter(artist=artist)
            assert paid == total_of(transfers.filter(state=RemittanceState.SETTLED))
            assert away == total_of(transfers.filter(state__in=["sent", "unknown"]))
            earned = WorkItem.objects.filter(artist=artist).aggregate(all=Sum("amount_minor"))
            assert owed + waiting + away + paid == (earned["all"] or 0)
            for statement in self.statements(artist):
                assert (
                    statement.opening_minor
                    + statement.earned_minor
                    - statement.paid_minor
                    + statement.returned_minor
                    == statement.closing_minor
                )

    @staticmethod
    def statements(artist: User) -> list[Statement]:
        from django.utils import timezone

        today = timezone.localdate()
        return statements_of(artist, Period(year=today.year, month=today.month))


pytestmark = pytest.mark.django_db

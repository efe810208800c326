"""What finance looks after: what is owed by age, budgets, and the demo's money."""

from __future__ import annotations

from datetime import date, timedelta

import pgtrigger
import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, transaction
from django.test import override_settings
from django.utils import timezone

from payments.errors import BadRate
from payments.models import Entry, MoneyBudget, Remittance, WorkItem
from payments.overview import budget_use, owed_by_age
from payments.proofs import faults
from payments.queries import liability_of
from payments.services.budgets import set_budget
from portal.models import AuditEntry, Cohort, User
from tests.factories.payments import make_artist, make_work
from tests.factories.portal import browser_of, make_cohort
from tests.owner import as_owner

pytestmark = pytest.mark.django_db


def test_what_is_owed_by_age(cohort: Cohort, artist: User, admin: User) -> None:
    other = make_artist(cohort)
    yen = make_cohort("Round in yen", actor=admin, currency="JPY")
    ages = {make_work(artist, cohort, 10_00).pk: 1, make_work(other, cohort, 20_00).pk: 20}
    ages |= {make_work(artist, cohort, 5_00).pk: 200, make_work(other, yen, 700).pk: 45}
    with as_owner(), pgtrigger.ignore():
        for pk, days in ages.items():
            WorkItem.objects.filter(pk=pk).update(accrued_at=timezone.now() - timedelta(days=days))
    euro, yens = owed_by_age(Cohort.objects.all())

    assert (euro.currency, euro.artists, euro.total_minor) == ("EUR", 2, 35_00)
    assert list(euro.groups) == [10_00, 20_00, 0, 5_00]
    assert (yens.currency, list(yens.groups)) == ("JPY", [0, 0, 700, 0])
    page = browser_of(admin).get("/programme/payouts/overview/").content.decode()
    assert "€35.00" in page
    assert "¥700" in page


def test_where_a_budget_leads() -> None:
    today = date(2026, 6, 1)
    cohort = Cohort(name="Spring", starts_on=date(2026, 1, 1), ends_on=date(2026, 6, 29))

    def use(budget: int | None, used: int, pace: int, day: date = today) -> tuple[object, ...]:
        one = budget_use(cohort, "EUR", budget=budget, used=used, pace=pace, today=day)
        return (one.forecast_minor, one.exceeds, one.reached_on)

    # 28 days are left, as many as the pace was measured over.
    assert use(1_000, 600, 280) == (880, False, None)
    assert use(800, 600, 280) == (880, True, today + timedelta(days=20))
    assert use(600, 600, 0) == (600, False, today)
    assert use(None, 600, 280) == (880, False, None)
    # What was taken back is no pace; a cohort that is over costs nothing more.
    assert use(1_000, 600, -50) == (600, False, None)
    assert use(500, 600, 280, date(2026, 9, 1)) == (600, True, date(2026, 9, 1))
    # In its first days a cohort has no 28 days behind it.
    assert use(None, 100, 100, date(2026, 1, 10)) == (100 + 100 * 170 // 10, False, None)


def test_a_budget_is_set_and_kept(cohort: Cohort, admin: User) -> None:
    client = browser_of(admin)
    there = f"/programme/cohorts/{cohort.slug}/budget/"
    for amount in ("5000.00", "5000.00", "6000.50"):
        assert client.post(there, {"amount": amount}).status_code == 302
    refused = client.post(there, {"amount": "12.345"})
    assert refused.status_code == 400
    assert "12.345" in refused.content.decode()
    assert client.post(there, {"amount": "-1"}).status_code == 400
    with pytest.raises(BadRate):
        set_budget(actor=admin, cohort=cohort, amount_minor=0, currency="EUR")

    assert [one.amount_minor for one in MoneyBudget.objects.all()] == [6_000_50, 5_000_00]
    assert AuditEntry.objects.filter(action="money_budget.set").count() == 2
    page = client.get("/programme/payouts/overview/").content.decode()
    assert "€6,000.50" in page
    assert "€5,000.00" in client.get(there).content.decode()
    with pytest.raises(DatabaseError), transaction.atomic():
        MoneyBudget.objects.update(amount_minor=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        MoneyBudget.objects.create(cohort=cohort, currency="EUR", amount_minor=0, set_by=admin)


@override_settings(PAYOUT_PEOPLE=2)
def test_the_demo_has_a_payout_with_something_to_clear(admin: User) -> None:
    for _start in range(2):
        call_command("seed_demo", verbosity=0)

    assert sorted(Remittance.objects.values_list("state", flat=True)) == ["settled", "unknown"]
    assert list(faults()) == []
    ada = User.objects.get(email="ada@demo.example")
    assert liability_of(ada, "EUR") == 25_00
    assert Entry.objects.count() == 6
    page = browser_of(admin).get("/programme/payouts/overview/").content.decode()
    assert "Transfers that nobody can answer for" in page
    assert "€12,000.00" in page

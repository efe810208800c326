from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from payments.errors import BadRate, RateInThePast
from payments.models import RateCard
from payments.queries import rates_of
from payments.services.accrual import current_rate
from payments.services.rates import set_rate
from payments.session_states import Confirmer
from payments.states import CapPeriod, RateKind
from portal.models import AuditEntry, Cohort
from tests.factories.payments import make_admin, make_rate
from tests.factories.portal import make_cohort

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort() -> Cohort:
    return make_cohort()


def test_a_change_is_a_new_version(cohort: Cohort) -> None:
    admin = make_admin()
    first = make_rate(cohort, amount_minor=40_00)
    second = set_rate(
        actor=admin, cohort=cohort, kind=RateKind.BRIEF_CLIP, amount_minor=45_00, currency="EUR"
    )

    assert (first.version, second.version) == (1, 2)
    assert current_rate(cohort=cohort, kind=RateKind.BRIEF_CLIP) == second
    assert current_rate(cohort=cohort, kind=RateKind.FEEDBACK) is None
    entry = AuditEntry.objects.get(action="rate.set", actor=admin)
    assert (entry.before["amount_minor"], entry.after["amount_minor"]) == (40_00, 45_00)


def test_a_rate_of_tomorrow_waits(cohort: Cohort) -> None:
    now = make_rate(cohort)
    tomorrow = timezone.localdate() + timedelta(days=1)
    later = set_rate(
        actor=None,
        cohort=cohort,
        kind=RateKind.BRIEF_CLIP,
        amount_minor=50_00,
        currency="EUR",
        effective_from=tomorrow,
    )

    shown = rates_of(cohort)[0]

    assert current_rate(cohort=cohort, kind=RateKind.BRIEF_CLIP) == now
    assert (shown.current, shown.coming, shown.history) == (now, [later], [later, now])
    assert RateCard.objects.in_force(tomorrow).get() == later


@pytest.mark.parametrize("amount", [0, -1])
def test_a_rate_pays_something(cohort: Cohort, amount: int) -> None:
    with pytest.raises(BadRate):
        make_rate(cohort, amount_minor=amount)


def test_a_currency_nobody_can_write_is_refused(cohort: Cohort) -> None:
    with pytest.raises(BadRate) as refused:
        set_rate(actor=None, cohort=cohort, kind=RateKind.FEEDBACK, amount_minor=1, currency="XXX")
    assert refused.value.field == "currency"


@pytest.mark.parametrize(
    ("count", "period"), [(3, CapPeriod.NONE), (None, CapPeriod.WEEK), (0, CapPeriod.MONTH)]
)
def test_half_a_cap_is_refused(cohort: Cohort, count: int | None, period: CapPeriod) -> None:
    with pytest.raises(BadRate):
        make_rate(cohort, cap_count=count, cap_period=period)


def test_a_rate_does_not_begin_in_the_past(cohort: Cohort) -> None:
    with pytest.raises(RateInThePast):
        set_rate(
            actor=None,
            cohort=cohort,
            kind=RateKind.FEEDBACK,
            amount_minor=1,
            currency="EUR",
            effective_from=timezone.localdate() - timedelta(days=1),
        )


@pytest.mark.parametrize(
    "change", [{"amount_minor": 0}, {"kind": "approved_clip"}, {"cap_period": "none"}]
)
def test_the_database_refuses_other_rates(cohort: Cohort, change: dict[str, object]) -> None:
    fields = {
        "cohort": cohort,
        "kind": "feedback",
        "version": 1,
        "amount_minor": 100,
        "currency": "EUR",
        "cap_count": 1,
        "cap_period": "week",
        "effective_from": timezone.localdate(),
    }
    with pytest.raises(IntegrityError, match="rate_"), transaction.atomic():
        RateCard.objects.create(**{**fields, **change})


def test_the_database_refuses_changes(cohort: Cohort) -> None:
    rate = make_rate(cohort)

    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        RateCard.objects.filter(pk=rate.pk).update(amount_minor=1)
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        RateCard.objects.filter(pk=rate.pk).delete()


def test_a_rate_has_no_word_for_approval_rating_or_sentiment() -> None:
    names = {field.name for field in RateCard._meta.get_fields()}

    assert names == {
        "id",
        "cohort",
        "kind",
        "version",
        "amount_minor",
        "currency",
        "cap_count",
        "cap_period",
        "confirmed_by",
        "effective_from",
        "set_by",
        "set_at",
        "work_items",
    }
    assert set(RateKind.values) == {"brief_clip", "feedback", "testing_session"}
    assert set(Confirmer.values) == {"nobody", "admins", "finance"}

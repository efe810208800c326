"""Reports of a cohort: made once a month or when an admin asks, published, withdrawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils import timezone

from payments.disclosure import Table, may_follow
from payments.models import CohortReport
from payments.report_errors import ReportWithdrawn, TooFewChanged
from payments.report_figures import basis_of, figures_of
from payments.statements import Period
from portal.models import Cohort
from portal.services import audit

if TYPE_CHECKING:
    from portal.models import User


@transaction.atomic
def make(*, actor: User | None, cohort: Cohort) -> CohortReport:
    """Write down how things stand now.

    Raises:
        TooFewChanged: beside the last report it would tell what fewer than five people got.
    """
    _one_at_a_time(cohort)
    basis = basis_of(cohort)
    last = CohortReport.objects.filter(cohort=cohort).order_by("-pk").first()
    if last is not None and not _may_follow(last.basis, basis):
        raise TooFewChanged()
    report = CohortReport.objects.create(
        cohort=cohort, figures=figures_of(cohort, basis), basis=basis, made_by=actor
    )
    audit.record(actor=actor, action="report.made", target=report, cohort=cohort)
    return report


@transaction.atomic
def publish(*, actor: User, report: CohortReport) -> CohortReport:
    """Let anybody read it, as it is. Once, however often called.

    Raises:
        ReportWithdrawn: it was withdrawn.
    """
    row = _locked(report)
    if row.withdrawn_at is not None:
        raise ReportWithdrawn()
    if row.published_at is None:
        row.published_at, row.published_by = timezone.now(), actor
        row.save(update_fields=["published_at", "published_by"])
        audit.record(actor=actor, action="report.published", target=row, cohort=row.cohort)
    return row


@transaction.atomic
def withdraw(*, actor: User, report: CohortReport) -> CohortReport:
    """Let nobody outside the cohort read it any more. Once, however often called."""
    row = _locked(report)
    if row.is_public:
        row.withdrawn_at, row.withdrawn_by = timezone.now(), actor
        row.save(update_fields=["withdrawn_at", "withdrawn_by"])
        audit.record(actor=actor, action="report.withdrawn", target=row, cohort=row.cohort)
    return row


def make_due() -> int:
    """Make the report of each cohort that has none of this month yet. How many."""
    today = timezone.localdate()
    begin = Period(year=today.year, month=today.month).begin
    have = CohortReport.objects.filter(made_at__gte=begin).values("cohort")
    made = 0
    for cohort in Cohort.objects.exclude(pk__in=have).order_by("pk"):
        if not cohort.memberships.exists():
            continue
        try:
            make(actor=None, cohort=cohort)
        except TooFewChanged:
            # Tomorrow it may have changed for more people.
            continue
        made += 1
    return made


def _may_follow(before: Mapping[str, Table], after: Mapping[str, Table]) -> bool:
    stored = {name: _people_as_numbers(table) for name, table in before.items()}
    return all(
        may_follow(stored.get(name, {}), after.get(name, {}))
        for name in stored.keys() | after.keys()
    )


def _people_as_numbers(table: Mapping[str, Mapping[Any, int]]) -> Table:
    """JSON keeps the ids of people as text."""
    return {
        name: {int(person): amount for person, amount in cell.items()}
        for name, cell in table.items()
    }


def _locked(report: CohortReport) -> CohortReport:
    rows = CohortReport.objects.select_for_update(of=("self",)).select_related("cohort")
    return rows.defer("basis").get(pk=report.pk)


def _one_at_a_time(cohort: Cohort) -> None:
    """The second who asks at once sees the report of the first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"report of cohort {cohort.pk}"],
        )

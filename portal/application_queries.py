"""Reads of the waiting list."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from portal.models import Application, ApplicationCall, Cohort
from portal.states import ApplicationState


@dataclass(frozen=True, kw_only=True)
class ApplicationFilter:
    """What of a waiting list to show; an empty field filters nothing.

    ``before`` is the id a page starts below. Unconfirmed ones are shown only when asked for.
    """

    state: str = ""
    search: str = ""
    before: int | None = None


def call_of(cohort: Cohort) -> ApplicationCall:
    """That of *cohort*; one that is closed, and not saved, where nobody opened it."""
    found = ApplicationCall.objects.filter(cohort=cohort).first()
    if found is None:
        return ApplicationCall(cohort=cohort)
    found.cohort = cohort
    return found


def open_call(slug: str) -> ApplicationCall | None:
    """What is switched on for the cohort *slug*, whatever the day."""
    return (
        ApplicationCall.objects.filter(cohort__slug=slug, is_open=True)
        .select_related("cohort")
        .first()
    )


def applications_of(cohort: Cohort, chosen: ApplicationFilter) -> QuerySet[Application]:
    """Who applied, the newest first."""
    found = Application.objects.filter(cohort=cohort)
    if chosen.state:
        found = found.filter(state=chosen.state)
    else:
        found = found.exclude(state=ApplicationState.UNCONFIRMED)
    if chosen.search:
        found = found.filter(
            Q(name__icontains=chosen.search)
            | Q(email__icontains=chosen.search)
            | Q(note__icontains=chosen.search)
            | Q(remark__icontains=chosen.search)
        )
    if chosen.before is not None:
        found = found.filter(pk__lt=chosen.before)
    return found.order_by("-id")


def counts_of(cohort: Cohort) -> dict[str, int]:
    """How many there are in each state."""
    rows = Application.objects.filter(cohort=cohort).values("state").annotate(n=Count("pk"))
    return {row["state"]: row["n"] for row in rows.order_by()}

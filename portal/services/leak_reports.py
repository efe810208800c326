"""Reports of leaks: written when a key looks leaked, closed by whatever happens to the key."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from portal.errors import IllegalTransition
from portal.leaks.scoring import Facts, Verdict
from portal.leaks.window import Seen
from portal.models import AccessKey, LeakReport, User
from portal.services import audit
from portal.services.transitions import require_step
from portal.states import LEAK_TRANSITIONS, LeakState

NAMED_FOR = timedelta(days=90)


def file(
    *,
    key: AccessKey,
    facts: Facts,
    verdict: Verdict,
    line: int,
    of_person: bool,
    seen: Seen,
    page: str,
    is_shadow: bool,
) -> LeakReport:
    """Write down why *key*, whose row is locked, looks leaked."""
    report = LeakReport.objects.create(
        key=key,
        score=verdict.score,
        line=line,
        facts=facts.as_dict(),
        findings=[finding.as_dict() for finding in verdict.findings],
        of_person=of_person,
        networks=list(seen.networks),
        clients=list(seen.clients),
        page=page,
        is_shadow=is_shadow,
    )
    audit.record(
        actor=None,
        action="leak.noticed" if not is_shadow else "leak.noticed_in_shadow",
        target=key,
        cohort=key.cohort,
        after={"score": report.score, "line": line, "facts": report.facts, "report": report.pk},
    )
    return report


@transaction.atomic
def close(*, key: AccessKey, state: LeakState, actor: User | None) -> None:
    """Close every open report of *key*, whose row is locked, because of what was done with it."""
    for report in _open(Q(key=key)):
        _close(report, state, actor)


@transaction.atomic
def note(*, actor: User, report: LeakReport) -> LeakReport:
    """An admin has read a report that froze nothing.

    Raises:
        IllegalTransition: it is closed, or a frozen key waits for more than that.
    """
    for current in _open(Q(pk=report.pk, is_shadow=True)):
        _close(current, LeakState.NOTED, actor)
        return current
    raise IllegalTransition


def forget_names(*, now: datetime | None = None) -> int:
    """Take networks and programs out of reports older than ``NAMED_FOR``; answers of how many."""
    before = (now or timezone.now()) - NAMED_FOR
    old = LeakReport.objects.filter(created_at__lt=before).exclude(state=LeakState.OPEN)
    return old.exclude(networks=[], clients=[]).update(networks=[], clients=[])


def _open(which: Q) -> Collection[LeakReport]:
    return list(
        LeakReport.objects.select_for_update(no_key=True, of=("self",))
        .select_related("key__cohort")
        .filter(which, state=LeakState.OPEN)
        .order_by("pk")
    )


def _close(report: LeakReport, state: LeakState, actor: User | None) -> None:
    require_step(LEAK_TRANSITIONS, LeakState(report.state), state)
    report.state, report.closed_at, report.closed_by = state, Now(), actor
    report.save(update_fields=["state", "closed_at", "closed_by"])
    report.refresh_from_db(fields=["closed_at"])
    key = report.key
    audit.record(
        actor=actor,
        action="leak.closed",
        target=key,
        cohort=key.cohort,
        before={"state": LeakState.OPEN, "report": report.pk},
        after={"state": state},
    )

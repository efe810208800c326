"""What staff see of the queue and of the workers. Nothing here writes.

A page takes the same number of queries however many artists, clips and workers there are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import Count, Min, Q, Sum
from django.db.models.functions import Now
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from generation.access import clips_kept_by, cohorts_queued_for
from generation.budgets import Budget, BudgetKind, this_week, with_sums
from generation.catalogue import catalogue
from generation.models import Attempt, Clip, GpuAccount, Pause, Worker
from generation.states import LIVE, AttemptState, ClipState
from portal.states import CohortState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portal.models import Cohort, User

# A worker looks every few seconds; after this long without a sign it may be gone.
SILENT_AFTER = timedelta(seconds=30)
# A worker that has not been seen for longer is no longer listed.
FORGOTTEN_AFTER = timedelta(days=7)

_ZERO = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class ArtistRow:
    """One artist of one cohort: what waits (the oldest since ``oldest``), runs and was charged."""

    account: GpuAccount
    waiting: int
    oldest: datetime | None
    running: Sequence[Attempt]
    week: Budget
    whole: Budget
    is_at_limit: bool


@dataclass(frozen=True, kw_only=True)
class CohortBoard:
    """One cohort; artists for whom nothing happens this week are left out of ``rows``."""

    cohort: Cohort
    pause: Pause | None
    waiting: int
    running: int
    week: Budget
    whole: Budget
    rows: Sequence[ArtistRow]


@dataclass(frozen=True, kw_only=True)
class ModelRow:
    key: str
    title: str
    waiting: int
    running: int
    pause: Pause | None


@dataclass(frozen=True, kw_only=True)
class Board:
    pause: Pause | None
    waiting: int
    running: int
    quarantined: int
    week_seconds: Decimal
    models: Sequence[ModelRow]
    cohorts: Sequence[CohortBoard]


@dataclass(frozen=True, kw_only=True)
class WorkerRow:
    """One worker; ``worker`` is None when only its attempt tells of it.

    ``state`` is ``rendering``, ``idle``, ``resting``, ``stopped`` or ``lost`` (no sign of life).
    ``attempt`` is the first of the call it is at, ``beside`` how many more are in that call.
    """

    worker: Worker | None
    name: str
    state: str
    label: str | Promise
    attempt: Attempt | None
    beside: int
    seen_at: datetime
    model_title: str
    rendered_this_week: int
    seconds_this_week: Decimal


def board_for(user: User) -> Board:
    """The queue of the cohorts that *user* keeps."""
    cohorts = list(
        cohorts_queued_for(user)
        .exclude(Q(state=CohortState.CLOSED) & ~Q(clips__state__in=LIVE))
        .distinct()
        .order_by("name")
    )
    live = Clip.objects.filter(cohort__in=cohorts, state__in=LIVE)
    pauses = list(Pause.objects.live().select_related("paused_by"))
    by_cohort = {pause.cohort_id: pause for pause in pauses if pause.cohort_id is not None}
    by_model = {pause.model_key: pause for pause in pauses if pause.model_key}
    queues = _queues(live)
    running: dict[int, list[Attempt]] = {}
    for attempt in _running().filter(clip__cohort__in=cohorts):
        running.setdefault(attempt.clip.account_id, []).append(attempt)
    accounts: dict[int, list[GpuAccount]] = {}
    found = GpuAccount.objects.filter(cohort__in=cohorts).select_related("artist", "cohort")
    for account in with_sums(found, this_week()).order_by("artist__name", "pk"):
        accounts.setdefault(account.cohort_id, []).append(account)
    boards = [
        _cohort_board(cohort, accounts.get(cohort.pk, []), queues, running, by_cohort)
        for cohort in cohorts
    ]
    return Board(
        pause=next((pause for pause in pauses if pause.is_of_everything), None),
        waiting=sum(board.waiting for board in boards),
        running=sum(board.running for board in boards),
        quarantined=clips_kept_by(user).quarantined().count(),
        week_seconds=sum((board.week.used for board in boards), _ZERO),
        models=_models(live, by_model),
        cohorts=boards,
    )


def workers() -> list[WorkerRow]:
    """Every worker of the last days, and whoever renders now, by name."""
    found = Worker.objects.filter(seen_at__gt=Now() - FORGOTTEN_AFTER).annotate(
        silent=Q(seen_at__lt=Now() - SILENT_AFTER)
    )
    known = {worker.name: worker for worker in found}
    running: dict[str, list[Attempt]] = {}
    for one in _running():
        running.setdefault(one.worker, []).append(one)
    done: Mapping[str, Any] = {
        row["worker"]: row
        for row in Attempt.objects.filter(state=AttemptState.FINISHED, charged_week=this_week())
        .order_by()
        .values("worker")
        .annotate(count=Count("pk"), seconds=Sum("gpu_seconds"))
    }
    titles = _titles()
    rows = []
    for name in sorted(known.keys() | running.keys()):
        worker, call = known.get(name), running.get(name, [])
        attempt = call[0] if call else None
        state = _worker_state(worker, attempt)
        key = worker.model_key if worker is not None else ""
        rows.append(
            WorkerRow(
                worker=worker,
                name=name,
                state=state,
                label=_WORKER_STATES[state],
                attempt=attempt,
                beside=len(call[1:]),
                seen_at=_seen_at(worker, attempt),
                model_title=titles.get(key, key),
                rendered_this_week=done.get(name, {}).get("count", 0),
                seconds_this_week=done.get(name, {}).get("seconds") or _ZERO,
            )
        )
    return rows


_WORKER_STATES: dict[str, str | Promise] = {
    "rendering": _("Rendering"),
    "idle": _("Ready for a clip"),
    "resting": _("Resting"),
    "stopped": _("Stopped"),
    "lost": _("No sign of life"),
}


def _running() -> Any:
    return (
        Attempt.objects.filter(state=AttemptState.RUNNING)
        .select_related("clip__artist", "clip__cohort")
        .order_by("started_at", "pk")
    )


def _queues(live: Any) -> dict[int, dict[str, Any]]:
    """By account: how many clips wait, and since when the oldest does."""
    waiting = Q(state=ClipState.QUEUED)
    return {
        row["account_id"]: row
        for row in live.order_by()
        .values("account_id")
        .annotate(waiting=Count("pk", filter=waiting), oldest=Min("queued_at", filter=waiting))
    }


def _models(live: Any, pauses: Mapping[str, Pause]) -> list[ModelRow]:
    waiting = Q(state=ClipState.QUEUED)
    counts = {
        row["model_key"]: row
        for row in live.order_by()
        .values("model_key")
        .annotate(waiting=Count("pk", filter=waiting), running=Count("pk", filter=~waiting))
    }
    titles = _titles()
    return [
        ModelRow(
            key=key,
            title=titles.get(key, key),
            waiting=counts.get(key, {}).get("waiting", 0),
            running=counts.get(key, {}).get("running", 0),
            pause=pauses.get(key),
        )
        for key in [*titles, *sorted((counts.keys() | pauses.keys()) - titles.keys())]
    ]


def _cohort_board(
    cohort: Cohort,
    accounts: Sequence[Any],
    queues: Mapping[int, Mapping[str, Any]],
    running: Mapping[int, Sequence[Attempt]],
    pauses: Mapping[int, Pause],
) -> CohortBoard:
    rows = []
    for account in accounts:
        queue = queues.get(account.pk, {})
        attempts = running.get(account.pk, [])
        most = cohort.clips_running_per_artist
        if not (queue or attempts or account.week_seconds):
            continue
        rows.append(
            ArtistRow(
                account=account,
                waiting=queue.get("waiting", 0),
                oldest=queue.get("oldest"),
                running=attempts,
                week=_budget(
                    BudgetKind.ARTIST_WEEK,
                    cohort.gpu_seconds_per_artist_week,
                    account.week_seconds,
                    account.reserved_seconds,
                ),
                whole=_budget(
                    BudgetKind.ARTIST,
                    cohort.gpu_seconds_per_artist,
                    account.charged_seconds,
                    account.reserved_seconds,
                ),
                is_at_limit=most is not None and len(attempts) >= most,
            )
        )
    reserved = sum((account.reserved_seconds for account in accounts), _ZERO)
    return CohortBoard(
        cohort=cohort,
        pause=pauses.get(cohort.pk),
        waiting=sum(row.waiting for row in rows),
        running=sum(len(row.running) for row in rows),
        week=_budget(
            BudgetKind.COHORT_WEEK,
            cohort.gpu_seconds_of_cohort_week,
            sum((account.week_seconds for account in accounts), _ZERO),
            reserved,
        ),
        whole=_budget(
            BudgetKind.COHORT,
            cohort.gpu_seconds_of_cohort,
            sum((account.charged_seconds for account in accounts), _ZERO),
            reserved,
        ),
        rows=rows,
    )


def _budget(kind: BudgetKind, limit: int | None, used: Decimal, reserved: Decimal) -> Budget:
    return Budget(
        kind=kind,
        limit=None if limit is None else Decimal(limit),
        used=used,
        reserved=reserved,
    )


def _worker_state(worker: Any, attempt: Attempt | None) -> str:
    if attempt is not None:
        return "rendering"
    if worker.stopped_at is not None:
        return "stopped"
    if worker.silent:
        return "lost"
    return "resting" if worker.is_resting else "idle"


def _seen_at(worker: Worker | None, attempt: Attempt | None) -> datetime:
    """The last sign of life: it looked for a clip, or its lease was renewed."""
    signs = [worker.seen_at] if worker is not None else []
    if attempt is not None:
        lease = timedelta(seconds=settings.GENERATION_LEASE_SECONDS)
        signs.append(max(attempt.lease_until - lease, attempt.started_at))
    return max(signs)


def _titles() -> dict[str, str]:
    return {key: made.title for key, made in catalogue().items()}

"""How the queue stands: accounts, clips and workers as the policy sees them. Nothing here writes.

It reads the first clips of every account that waits, never all of them: a million may wait.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple, TypeAlias
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, DurationField, Exists, ExpressionWrapper, F, OuterRef, Q
from django.db.models.functions import Now

from generation.board import SILENT_AFTER
from generation.catalogue import catalogue
from generation.models import (
    Attempt,
    Clip,
    CohortShare,
    GpuAccount,
    Pause,
    Pool,
    RenderCost,
    Worker,
)
from generation.queries import LEAST_CHARGE, Shape
from generation.scheduling import Group, Machine, Queue, Waiting
from generation.services.turns import POOL
from generation.states import AttemptState, ClipState
from portal.containment import Subject, first_of, stops_making
from portal.services import containment

# Clips read in all, and of one account at least and at most.
CLIPS_READ = 2000
CLIPS_EACH = (8, 200)

# An artist's own order: the greater priority, the older, the lesser id.
Order: TypeAlias = tuple[int, str, str]


def order_of(priority: int, queued_at: datetime, key: UUID) -> Order:
    """In a form that JSON keeps."""
    return -priority, queued_at.isoformat(timespec="microseconds"), str(key)


class Standing:
    """What the policy needs to run on, read in ten statements.

    ``orders`` is the place of each listed clip among its account's own, by its id; ``last`` that
    of the last one listed, by account, where more wait.
    """

    def __init__(self) -> None:
        running = _running()
        accounts = _waiting_accounts()
        clips = _first_clips(accounts)
        self.orders = {str(clip.pk): clip.order for clip in clips.values()}
        self.last: dict[int, Order] = {}
        self.queues: list[Queue] = []
        on_machines = Counter(attempt.account_id for attempt in running)
        for account in accounts:
            # One that a worker took between two statements is not there any more.
            mine = [clips[key] for key in account.first if key in clips]
            if not mine:
                continue
            self.queues.append(account.queue(mine, running=on_machines[account.pk]))
            if account.more:
                self.last[account.pk] = mine[-1].order
        self.groups = _groups({queue.group for queue in self.queues})
        self.machines = _machines(running, frozenset(catalogue()))
        clock = Pool.objects.filter(key=POOL).values_list("clock", flat=True).first()
        self.clock = Decimal(0) if clock is None else clock


class _Account(NamedTuple):
    pk: int
    artist_id: int
    cohort_id: int
    vtime: Decimal
    weight: int
    skips: int
    limit: int | None
    first: list[UUID]
    more: bool

    def queue(self, clips: Sequence[_Clip], *, running: int) -> Queue:
        return Queue(
            account=self.pk,
            artist=self.artist_id,
            group=self.cohort_id,
            vtime=self.vtime,
            weight=self.weight,
            skips=self.skips,
            clips=[clip.waiting() for clip in clips],
            more=self.more,
            running=running,
            limit=self.limit,
        )


class _Clip(NamedTuple):
    pk: UUID
    model_key: str
    shape: Shape
    estimate: Decimal
    priority: int
    queued_at: datetime
    asked: int
    paused: bool

    @property
    def order(self) -> Order:
        return order_of(self.priority, self.queued_at, self.pk)

    def waiting(self) -> Waiting:
        return Waiting(
            key=str(self.pk),
            model=self.model_key,
            shape=self.shape,
            estimate=max(self.estimate, LEAST_CHARGE),
            asked=self.asked,
            paused=self.paused,
        )


class _Running(NamedTuple):
    worker: str
    account_id: int
    model_key: str
    state: str
    charged: Decimal
    age: timedelta
    alive: bool


def _waiting_accounts() -> list[_Account]:
    waits = Clip.objects.filter(account=OuterRef("pk"), state=ClipState.QUEUED)
    accounts = GpuAccount.objects.filter(Exists(waits), artist__is_active=True)
    each = min(max(CLIPS_READ // max(accounts.count(), 1), CLIPS_EACH[0]), CLIPS_EACH[1])
    own_order = waits.order_by("-priority", "queued_at", "pk")
    found = accounts.annotate(first=ArraySubquery(own_order.values("pk")[: each + 1])).values_list(
        *("pk", "artist_id", "cohort_id", "vtime", "weight", "skips"),
        *("cohort__clips_running_per_artist", "first"),
    )
    return [
        _Account(pk, artist, cohort, vtime, weight, skips, limit, first[:each], len(first) > each)
        for pk, artist, cohort, vtime, weight, skips, limit, first in found.order_by("pk")
    ]


def _first_clips(accounts: Collection[_Account]) -> dict[UUID, _Clip]:
    """By id, in the order in which they were asked for."""
    keys = [key for account in accounts for key in account.first]
    rows = (
        Clip.objects.filter(pk__in=keys, state=ClipState.QUEUED)
        .order_by("queued_at", "pk")
        .values_list(
            *("pk", "cohort_id", "model_key", "width", "height", "frames", "steps"),
            *("estimate", "priority", "queued_at", "artist_id", "access_key_id"),
        )
    )
    pauses = list(Pause.objects.live().values_list("cohort_id", "model_key"))
    shut = containment.live()
    found = {}
    for asked, row in enumerate(rows):
        pk, cohort, model, *shape, estimate, priority, queued_at, artist, key = row
        subject = Subject(person_id=artist, cohort_id=cohort, model_key=model, key_id=key)
        found[pk] = _Clip(
            pk=pk,
            model_key=model,
            shape=(model, *shape),
            estimate=estimate,
            priority=priority,
            queued_at=queued_at,
            asked=asked,
            paused=any(of in (None, cohort) and held in ("", model) for of, held in pauses)
            or first_of(shut, stops_making, subject) is not None,
        )
    return found


def _running() -> list[_Running]:
    age = ExpressionWrapper(Now() - F("started_at"), output_field=DurationField())
    alive = ExpressionWrapper(Q(lease_until__gt=Now()), output_field=BooleanField())
    rows = Attempt.objects.filter(state=AttemptState.RUNNING).values_list(
        "worker",
        "clip__account_id",
        "clip__model_key",
        "clip__state",
        "charged_seconds",
        age,
        alive,
    )
    return [_Running(*row) for row in rows]


def _groups(cohorts: Collection[int]) -> dict[int, Group]:
    new = Group(vtime=Decimal(0), weight=1, clock=Decimal(0))
    shares = CohortShare.objects.filter(cohort__in=cohorts)
    known = {
        share.cohort_id: Group(vtime=share.vtime, weight=share.weight, clock=share.clock)
        for share in shares
    }
    return {cohort: known.get(cohort, new) for cohort in cohorts}


def _machines(running: Sequence[_Running], models: frozenset[str]) -> list[Machine]:
    """The workers that give signs of life; one without a row is known by what it renders."""
    alive = {attempt.worker: attempt for attempt in running if attempt.alive}
    signs = Q(seen_at__gt=Now() - SILENT_AFTER) | Q(name__in=alive)
    rows = {worker.name: worker for worker in Worker.objects.filter(signs, stopped_at=None)}
    costs = _costs({worker.device for worker in rows.values()})
    machines = []
    for name in sorted(rows.keys() | alive.keys()):
        worker = rows.get(name)
        mine = [attempt for attempt in running if attempt.worker == name and attempt.alive]
        machines.append(
            Machine(
                models=frozenset() if worker is not None and worker.is_resting else models,
                model=mine[0].model_key if mine else worker.model_key if worker else "",
                left=max((_left(attempt, worker) for attempt in mine), default=Decimal(0)),
                accounts=[attempt.account_id for attempt in mine],
                costs=costs.get(worker.device, {}) if worker else {},
            )
        )
    return machines


def _left(attempt: _Running, worker: Worker | None) -> Decimal:
    """Seconds until the render should end: it was charged what it is expected to take."""
    needs = attempt.charged
    # The row tells what was loaded when the worker looked for this clip.
    if worker is not None and worker.model_key != attempt.model_key:
        needs += Decimal(settings.GENERATION_MODEL_LOAD_SECONDS)
    past = Decimal(str(attempt.age.total_seconds()))
    return max(needs - past, Decimal(0))


def _costs(devices: Collection[str]) -> dict[str, dict[Hashable, Decimal]]:
    costs: dict[str, dict[Hashable, Decimal]] = {}
    rows = RenderCost.objects.filter(device__in=devices).values_list(
        "device", "seconds", "model_key", "width", "height", "frames", "steps"
    )
    for device, seconds, *shape in rows:
        costs.setdefault(device, {})[tuple(shape)] = max(seconds, LEAST_CHARGE)
    return costs

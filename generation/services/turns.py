"""Whose turn it is: the policy of ``generation.scheduling`` on the database.

A claim holds the pool's row, so claims are decided one by one. Virtual times are only ever moved
by a difference: a render that ends meanwhile corrects its account without that row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings

from generation.batches import BatchKey, batch_key, joining_to
from generation.heads import first_heads_behind, groups_of, waiting_heads
from generation.models import Clip, CohortShare, GpuAccount, Pool
from generation.scheduling import Choice, Group, choose, companions, may_give_way
from portal.prepared import Columns, prepared

if TYPE_CHECKING:
    from datetime import date

    from generation.heads import WaitingHead

POOL = "gpu"
# How much the newest render counts in what clips of its shape are expected to take.
NEWEST = Decimal("0.2")


@dataclass(frozen=True, kw_only=True)
class Turn:
    """The clip whose turn it is, and how its account is charged for it now."""

    clip_id: UUID
    choice: Choice


class Line:
    """Who waits for a worker. Holds the pool's row until the transaction ends.

    Args:
        models, warm, device: as for ``leases.claim_batch``.
    """

    def __init__(self, *, models: Collection[str], warm: Collection[str], device: str) -> None:
        self._models = models
        self._warm = frozenset(warm)
        self._device = device
        self._delta = Decimal(settings.GENERATION_MODEL_LOAD_SECONDS)
        self._passed_over: set[UUID] = set()
        self._all_known = False
        self._clock, heads = _begun(models, device)
        self._scene = _Scene(heads)

    def first(self) -> Turn | None:
        """The clip whose turn it is; None when nothing waits."""
        choice = self._choice()
        # Who goes first for a warm model is the nearest of all, not of those few.
        if (
            choice is not None
            and not self._all_known
            and may_give_way(choice.passed or choice.head, self._warm)
        ):
            self._know_all()
            choice = self._choice()
        if choice is None:
            return None
        return Turn(clip_id=self._scene.waiting[choice.head.account].clip_id, choice=choice)

    def key_of(self, turn: Turn) -> BatchKey:
        return self._scene.waiting[turn.choice.head.account].batch_key

    def pass_over(self, turn: Turn) -> None:
        """Somebody else holds the clip at this moment, say to cancel it: its account waits."""
        self._passed_over.add(turn.clip_id)
        self._know_all()

    def together(self, leader: Turn, *, most: int) -> list[Turn]:
        """*leader* and those who join it, *most* at most, all locked; [] when somebody holds it."""
        found = _locked([leader.clip_id])
        if not found:
            return []
        if not self._all_known:
            self._know_all()
        turns = [leader, *self._companions(leader, found[0], most - 1)]
        if len(turns) > 1:
            _lock_all([turn.choice for turn in turns])
        return turns

    def _choice(self) -> Choice | None:
        return choose(
            self._scene.heads,
            self._scene.groups,
            clock=self._clock,
            warm=self._warm,
            delta=self._delta,
        )

    def _know_all(self) -> None:
        heads = waiting_heads(self._models, device=self._device)
        self._scene, self._all_known = _Scene(heads, self._passed_over), True

    def _companions(self, leader: Turn, clip: Clip, most: int) -> list[Turn]:
        shape = batch_key(clip).shape
        like = {key: head for key, head in self._scene.waiting.items() if head.shape == shape}
        costs = {head.shape: head.learnt for head in like.values() if head.learnt is not None}
        queues = joining_to(clip, set(like), models=self._models, most=most, costs=costs)
        while True:
            joined = companions(
                leader.choice,
                self._scene.heads,
                self._scene.groups,
                joining={account: queue.joining for account, queue in queues.items()},
                most=most,
                delta=self._delta,
            )
            fronts = {account: iter(queue.clips) for account, queue in queues.items()}
            wanted = [next(fronts[choice.head.account]) for choice in joined]
            free = {found.pk for found in _locked(wanted)}
            if len(free) == len(wanted):
                return [
                    Turn(clip_id=pk, choice=choice)
                    for choice, pk in zip(joined, wanted, strict=True)
                ]
            # Nobody's clips overtake each other, so what lies behind a clip that is held stays.
            held = set(wanted) - free
            queues = {account: queue.before(held) for account, queue in queues.items()}


class _Scene:
    """Who waits, as the policy sees it, without clips that were *passed_over*."""

    def __init__(self, found: Iterable[WaitingHead], passed_over: Collection[UUID] = ()) -> None:
        listed = [head for head in found if head.clip_id not in passed_over]
        self.waiting = {head.account_id: head for head in listed}
        self.heads = [head.head for head in listed]
        self.groups: dict[int, Group] = {
            key: group or _new_group(key) for key, group in groups_of(listed).items()
        }


def _locked(clips: Collection[UUID]) -> list[Clip]:
    """Those of *clips* that still wait and nobody else holds."""
    return [_CLIP.read(row) for row in prepared(_LOCK, {"clips": list(clips)})]


_CLIP = Columns(Clip, "clip")
_LOCK = f"""
SELECT {_CLIP.names} FROM generation_clip clip
WHERE id = ANY (%(clips)s) AND state = 'queued'
FOR NO KEY UPDATE SKIP LOCKED
"""  # noqa: S608


def correct(*, account: int, monday: date, seconds: Decimal) -> None:
    """Charge *account* GPU seconds more, in the week of *monday*; negative ones give them back.

    Account, week and cohort move together, the virtual times by weight. Locks the account, then
    its cohort's share.
    """
    values = {"account": account, "monday": monday, "seconds": seconds}
    prepared(f"WITH {CORRECTED} SELECT FROM share", values)


# What follows from the account's row waits for its lock.
_WEEK = """
week AS (
    UPDATE generation_gpuweek
    SET charged_seconds = generation_gpuweek.charged_seconds + %(seconds)s::numeric
    FROM account
    WHERE account_id = account.id AND monday = account.week
    RETURNING generation_gpuweek.id
), new_week AS (
    INSERT INTO generation_gpuweek (account_id, monday, charged_seconds)
    SELECT id, week, %(seconds)s::numeric FROM account
    WHERE NOT EXISTS (SELECT FROM week)
)
"""
CORRECTED = f"""
account AS (
    UPDATE generation_gpuaccount
    SET charged_seconds = charged_seconds + %(seconds)s::numeric,
        vtime = vtime + %(seconds)s::numeric / weight
    WHERE id = %(account)s
    RETURNING id, cohort_id, %(monday)s::date AS week
), {_WEEK}, share AS (
    UPDATE generation_cohortshare
    SET vtime = vtime + %(seconds)s::numeric / weight
    FROM account
    WHERE generation_cohortshare.cohort_id = account.cohort_id
    RETURNING generation_cohortshare.id
)
"""  # noqa: S608
# Of an *attempt* made just now; the names for values are those of :func:`charge_of`.
SERVED = f"""
passed AS (
    UPDATE generation_gpuaccount SET skips = skips + 1
    FROM attempt WHERE generation_gpuaccount.id = %(passed)s
    RETURNING generation_gpuaccount.id
), account AS (
    UPDATE generation_gpuaccount
    SET charged_seconds = charged_seconds + %(seconds)s::numeric,
        vtime = vtime + %(lifted)s::numeric + %(seconds)s::numeric / weight,
        skips = 0
    FROM attempt WHERE generation_gpuaccount.id = %(account)s
    RETURNING generation_gpuaccount.id, cohort_id, charged_week AS week
), {_WEEK}, share AS (
    UPDATE generation_cohortshare
    SET vtime = vtime + %(group_lifted)s::numeric + %(seconds)s::numeric / weight,
        clock = %(group_clock)s
    FROM account
    WHERE generation_cohortshare.cohort_id = account.cohort_id
        AND (SELECT count(*) FROM passed) >= 0
), pool AS (
    UPDATE generation_pool SET clock = %(clock)s
    FROM attempt WHERE key = %(pool)s AND clock <> %(clock)s
)
"""  # noqa: S608


def charge_of(choice: Choice) -> dict[str, Any]:
    """What ``SERVED`` needs to write *choice* down."""
    return {
        "account": choice.head.account,
        "passed": choice.passed.account if choice.passed is not None else None,
        "seconds": choice.head.estimate,
        "lifted": choice.lifted,
        "group_lifted": choice.group_lifted,
        "group_clock": choice.group_clock,
        "pool": POOL,
        "clock": choice.clock,
    }


def _begun(models: Collection[str], device: str) -> tuple[Decimal, list[WaitingHead]]:
    """The clock, its row locked, and who is first in line."""
    found, heads = first_heads_behind(_CLOCK, {"key": POOL}, models, device=device)
    if not found:
        Pool.objects.get_or_create(key=POOL)
        found, heads = first_heads_behind(_CLOCK, {"key": POOL}, models, device=device)
    clock: Decimal = found[0][0]
    return clock, heads


# A claim need not wait for the disk while it holds this row. One that a crash of the database
# undoes leaves nothing behind: see docs/decisions/0008-claims-do-not-wait-for-the-disk.md.
_CLOCK = """
SELECT clock, set_config('synchronous_commit', 'off', true)
FROM generation_pool WHERE key = %(key)s FOR UPDATE
"""


def _new_group(cohort: int) -> Group:
    share, _made = CohortShare.objects.get_or_create(cohort_id=cohort)
    return Group(vtime=share.vtime, weight=share.weight, clock=share.clock)


def _lock_all(choices: Sequence[Choice]) -> None:
    """All accounts, then all shares: a render that ends holds its account and wants its share."""
    heads = [choice.head for choice in choices]
    passed = [choice.passed.account for choice in choices if choice.passed is not None]
    accounts = GpuAccount.objects.filter(pk__in=[*(head.account for head in heads), *passed])
    shares = CohortShare.objects.filter(cohort__in=[head.group for head in heads])
    for rows in (accounts, shares):
        list(rows.select_for_update(no_key=True).order_by("pk").values_list("pk"))

"""Whose turn it is: the policy of ``generation.scheduling`` on the database.

A claim holds the pool's row, so claims are decided one by one. Virtual times are only ever moved
by a difference: a render that ends meanwhile corrects its account without that row.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db.models import F

from generation.batches import BatchKey, batch_key, joining_to
from generation.heads import first_heads, groups_of, waiting_heads
from generation.models import Clip, CohortShare, GpuAccount, Pool
from generation.scheduling import Choice, Group, choose, companions, may_give_way
from portal.prepared import prepared, prepared_rows

if TYPE_CHECKING:
    from datetime import date

    from generation.heads import WaitingHead

POOL = "gpu"
# How much the newest render counts in what clips of its shape are expected to take.
NEWEST = Decimal("0.2")


@dataclass(frozen=True, kw_only=True)
class Turn:
    """The clip whose turn it is, locked, and how its account is charged for it now."""

    clip: Clip
    choice: Choice

    @property
    def estimate(self) -> Decimal:
        return self.choice.head.estimate


def take(
    *,
    models: Collection[str],
    warm: Collection[str],
    device: str,
    room: Callable[[BatchKey], int],
) -> list[Turn]:
    """Choose the next clip and who joins it; move the pool's clock.

    The caller charges each turn in the same transaction, which moves the other virtual times. The
    first is the one whose turn it is; none when nothing waits. Of a clip that somebody else holds
    at this moment, say to cancel it, the account is passed over.

    Args:
        room: how many clips of a kind the worker renders together; asked with the pool locked.
    """
    clock = _locked_clock()
    held = frozenset(warm)
    delta = Decimal(settings.GENERATION_MODEL_LOAD_SECONDS)
    passed_over: set[UUID] = set()

    def everybody() -> _Scene:
        return _Scene(waiting_heads(models, device=device), passed_over)

    scene, all_known = _Scene(first_heads(models, device=device)), False
    while (
        choice := choose(scene.heads, scene.groups, clock=clock, warm=held, delta=delta)
    ) is not None:
        if not all_known and may_give_way(choice.head, held):
            scene, all_known = everybody(), True
            continue
        wanted = scene.waiting[choice.head.account].clip_id
        found = _locked([wanted])
        if not found:
            passed_over.add(wanted)
            scene, all_known = everybody(), True
            continue
        turns = [Turn(clip=found[0], choice=choice)]
        most = room(batch_key(found[0])) - 1
        if most > 0:
            companions_from = scene if all_known else everybody()
            turns += _companions(turns[0], companions_from, models=models, most=most, delta=delta)
        _record([turn.choice for turn in turns], clock)
        return turns
    return []


class _Scene:
    """Who waits, as the policy sees it, without clips that were *passed_over*."""

    def __init__(self, found: Iterable[WaitingHead], passed_over: Collection[UUID] = ()) -> None:
        listed = [head for head in found if head.clip_id not in passed_over]
        self.waiting = {head.account_id: head for head in listed}
        self.heads = [head.head for head in listed]
        self.groups: dict[int, Group] = {
            key: group or _new_group(key) for key, group in groups_of(listed).items()
        }


def _companions(
    leader: Turn, scene: _Scene, *, models: Collection[str], most: int, delta: Decimal
) -> list[Turn]:
    shape = batch_key(leader.clip).shape
    like = {key: head for key, head in scene.waiting.items() if head.shape == shape}
    costs = {head.shape: head.learnt for head in like.values() if head.learnt is not None}
    queues = joining_to(leader.clip, set(like), models=models, most=most, costs=costs)
    while True:
        joining = {account: queue.joining for account, queue in queues.items()}
        joined = companions(
            leader.choice, scene.heads, scene.groups, joining=joining, most=most, delta=delta
        )
        fronts = {account: iter(queue.clips) for account, queue in queues.items()}
        wanted = [next(fronts[choice.head.account]) for choice in joined]
        locked = {clip.pk: clip for clip in _locked(wanted)}
        if len(locked) == len(wanted):
            return [
                Turn(clip=locked[pk], choice=choice)
                for choice, pk in zip(joined, wanted, strict=True)
            ]
        # Nobody's clips overtake each other, so what lies behind a clip that is held stays.
        queues = {
            account: queue.before(set(wanted) - set(locked)) for account, queue in queues.items()
        }


def _locked(clips: Collection[UUID]) -> list[Clip]:
    """Those of *clips* that still wait and nobody else holds."""
    return prepared_rows(Clip, _LOCK, {"clips": list(clips)})


_LOCK = """
SELECT * FROM generation_clip WHERE id = ANY (%(clips)s) AND state = 'queued'
FOR NO KEY UPDATE SKIP LOCKED
"""


def charge(
    *,
    account: int,
    monday: date,
    seconds: Decimal,
    choice: Choice | None = None,
) -> None:
    """Charge *account* GPU seconds, in the week of *monday*; negative ones give them back.

    Account, week and cohort move together, the virtual times by weight. With *choice* they are
    first moved as the policy says. Locks the account, then its cohort's share.
    """
    prepared(
        _CHARGE,
        {
            "account": account,
            "monday": monday,
            "seconds": seconds,
            "lifted": choice.lifted if choice is not None else Decimal(0),
            "served": choice is not None,
            "group_lifted": choice.group_lifted if choice is not None else Decimal(0),
            "group_clock": choice.group_clock if choice is not None else None,
        },
    )


# What follows from the account's row waits for its lock.
_CHARGE = """
WITH account AS (
    UPDATE generation_gpuaccount
    SET charged_seconds = charged_seconds + %(seconds)s::numeric,
        vtime = vtime + %(lifted)s::numeric + %(seconds)s::numeric / weight,
        skips = CASE WHEN %(served)s THEN 0 ELSE skips END
    WHERE id = %(account)s
    RETURNING id, cohort_id
), week AS (
    UPDATE generation_gpuweek
    SET charged_seconds = generation_gpuweek.charged_seconds + %(seconds)s::numeric
    FROM account
    WHERE account_id = account.id AND monday = %(monday)s::date
    RETURNING generation_gpuweek.id
), new_week AS (
    INSERT INTO generation_gpuweek (account_id, monday, charged_seconds)
    SELECT id, %(monday)s::date, %(seconds)s::numeric FROM account
    WHERE NOT EXISTS (SELECT FROM week)
)
UPDATE generation_cohortshare
SET vtime = vtime + %(group_lifted)s::numeric + %(seconds)s::numeric / weight,
    clock = coalesce(%(group_clock)s::numeric, clock)
FROM account
WHERE generation_cohortshare.cohort_id = account.cohort_id
"""


def learn(clip: Clip, *, device: str, seconds: Decimal | None) -> None:
    """Remember what *clip* took on *device*."""
    if not device or seconds is None:
        return
    shape = {
        name: getattr(clip, name) for name in ("model_key", "width", "height", "frames", "steps")
    }
    prepared(_LEARN, {**shape, "device": device, "seconds": seconds, "newest": NEWEST})


_LEARN = """
INSERT INTO generation_rendercost AS known
    (model_key, width, height, frames, steps, device, seconds, samples)
VALUES (%(model_key)s, %(width)s, %(height)s, %(frames)s, %(steps)s, %(device)s, %(seconds)s, 1)
ON CONFLICT (model_key, width, height, frames, steps, device) DO UPDATE
SET seconds = known.seconds + (excluded.seconds - known.seconds) * %(newest)s::numeric,
    samples = known.samples + 1
"""


def _locked_clock() -> Decimal:
    found = prepared(_CLOCK, {"key": POOL})
    if not found:
        Pool.objects.get_or_create(key=POOL)
        found = prepared(_CLOCK, {"key": POOL})
    clock: Decimal = found[0][0]
    return clock


_CLOCK = "SELECT clock FROM generation_pool WHERE key = %(key)s FOR UPDATE"


def _new_group(cohort: int) -> Group:
    share, _made = CohortShare.objects.get_or_create(cohort_id=cohort)
    return Group(vtime=share.vtime, weight=share.weight, clock=share.clock)


def _record(choices: Sequence[Choice], clock: Decimal) -> None:
    """What the caller's charges leave: locks, who gave way, and the pool's clock."""
    if len(choices) > 1:
        _lock_all(choices)
    for choice in choices:
        if choice.passed is not None:
            GpuAccount.objects.filter(pk=choice.passed.account).update(skips=F("skips") + 1)
    if choices[-1].clock != clock:
        prepared(_MOVE_CLOCK, {"key": POOL, "clock": choices[-1].clock})


_MOVE_CLOCK = "UPDATE generation_pool SET clock = %(clock)s WHERE key = %(key)s"


def _lock_all(choices: Sequence[Choice]) -> None:
    """All accounts, then all shares: a render that ends holds its account and wants its share."""
    heads = [choice.head for choice in choices]
    passed = [choice.passed.account for choice in choices if choice.passed is not None]
    accounts = GpuAccount.objects.filter(pk__in=[*(head.account for head in heads), *passed])
    shares = CohortShare.objects.filter(cohort__in=[head.group for head in heads])
    for rows in (accounts, shares):
        list(rows.select_for_update(no_key=True).order_by("pk").values_list("pk"))

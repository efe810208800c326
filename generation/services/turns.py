"""Whose turn it is: the policy of ``generation.scheduling`` on the database.

A claim holds the pool's row, so claims are decided one by one. Virtual times are only ever moved
by a difference: a render that ends meanwhile corrects its account without that row.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import DecimalField, ExpressionWrapper, F, Value

from generation.batches import BatchKey, OwnQueue, batch_key, joining_to
from generation.models import Clip, CohortShare, GpuAccount, Pool, RenderCost
from generation.queries import WaitingHead, expected, learnt_costs, waiting_heads
from generation.scheduling import Choice, Group, Head, choose, companions
from generation.states import ClipState

POOL = "gpu"
# How much the newest render counts in what clips of its shape are expected to take.
NEWEST = Decimal("0.2")


@dataclass(frozen=True, kw_only=True)
class Turn:
    """The clip whose turn it is, locked, and the GPU seconds to charge for it now."""

    clip: Clip
    estimate: Decimal


def take(
    *,
    models: Collection[str],
    warm: Collection[str],
    device: str,
    room: Callable[[BatchKey], int],
) -> list[Turn]:
    """Choose the next clip and who joins it; move the virtual times, all but the charges.

    The caller charges each ``Turn.estimate`` in the same transaction. The first is the one whose
    turn it is; none when nothing waits. Of a clip that somebody else holds at this moment, say to
    cancel it, the account is passed over.

    Args:
        room: how many clips of a kind the worker renders together; asked with the pool locked.
    """
    pool = _locked_pool()
    waiting = {head.account_id: head for head in waiting_heads(models)}
    costs = learnt_costs({head.shape for head in waiting.values()}, device=device)
    shares = _shares({head.cohort_id for head in waiting.values()})
    groups = {
        key: Group(vtime=share.vtime, weight=share.weight, clock=share.clock)
        for key, share in shares.items()
    }
    delta = Decimal(settings.GENERATION_MODEL_LOAD_SECONDS)
    heads = [_head(head, costs) for head in waiting.values()]
    held = frozenset(warm)
    while (choice := choose(heads, groups, clock=pool.clock, warm=held, delta=delta)) is not None:
        found = _locked([waiting[choice.head.account].clip_id])
        if not found:
            heads.remove(choice.head)
            continue
        [clip] = found
        turns = [(choice, clip)]
        most = room(batch_key(clip)) - 1
        if most > 0:
            like = {key for key, head in waiting.items() if head.shape == batch_key(clip).shape}
            joining = joining_to(clip, like, models=models, most=most, costs=costs)
            turns += _companions(choice, heads, groups, joining, most=most, delta=delta)
        _record([choice for choice, _clip in turns], groups, pool)
        return [Turn(clip=clip, estimate=choice.head.estimate) for choice, clip in turns]
    return []


def _companions(
    leader: Choice,
    heads: Sequence[Head],
    groups: Mapping[int, Group],
    queues: dict[int, OwnQueue],
    *,
    most: int,
    delta: Decimal,
) -> list[tuple[Choice, Clip]]:
    while True:
        joining = {account: queue.joining for account, queue in queues.items()}
        joined = companions(leader, heads, groups, joining=joining, most=most, delta=delta)
        fronts = {account: iter(queue.clips) for account, queue in queues.items()}
        wanted = [next(fronts[choice.head.account]) for choice in joined]
        locked = {clip.pk: clip for clip in _locked(wanted)}
        if len(locked) == len(wanted):
            return [(choice, locked[pk]) for choice, pk in zip(joined, wanted, strict=True)]
        # Nobody's clips overtake each other, so what lies behind a clip that is held stays.
        queues = {
            account: queue.before(set(wanted) - set(locked)) for account, queue in queues.items()
        }


def _locked(clips: Collection[UUID]) -> list[Clip]:
    """Those of *clips* that still wait and nobody else holds."""
    return list(
        Clip.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
        .select_related("account", "cohort", "artist")
        .filter(pk__in=clips, state=ClipState.QUEUED)
    )


def moved_by(seconds: Decimal) -> Any:
    """A row's ``vtime`` after it was charged *seconds*, by its weight."""
    by_weight = ExpressionWrapper(
        Value(seconds, output_field=DecimalField()) / F("weight"), output_field=DecimalField()
    )
    return F("vtime") + by_weight


def charge_cohort(cohort_id: int, seconds: Decimal) -> None:
    CohortShare.objects.filter(cohort_id=cohort_id).update(vtime=moved_by(seconds))


def learn(clip: Clip, *, device: str, seconds: Decimal | None) -> None:
    """Remember what *clip* took on *device*."""
    if not device or seconds is None:
        return
    shape = {
        name: getattr(clip, name) for name in ("model_key", "width", "height", "frames", "steps")
    }
    seen = RenderCost.objects.filter(device=device, **shape).update(
        seconds=F("seconds") + (Value(seconds) - F("seconds")) * Value(NEWEST),
        samples=F("samples") + 1,
    )
    if not seen:
        first = RenderCost(device=device, seconds=seconds, **shape)
        RenderCost.objects.bulk_create([first], ignore_conflicts=True)


def _locked_pool() -> Pool:
    pools = Pool.objects.select_for_update()
    pool = pools.filter(key=POOL).first()
    if pool is None:
        Pool.objects.get_or_create(key=POOL)
        pool = pools.get(key=POOL)
    return pool


def _shares(cohorts: set[int]) -> dict[int, CohortShare]:
    found = {share.cohort_id: share for share in CohortShare.objects.filter(cohort__in=cohorts)}
    for missing in cohorts - found.keys():
        found[missing], _made = CohortShare.objects.get_or_create(cohort_id=missing)
    return found


def _head(head: WaitingHead, costs: Mapping[Any, Decimal]) -> Head:
    return Head(
        account=head.account_id,
        group=head.cohort_id,
        model=head.model_key,
        estimate=expected(head.shape, head.estimate, costs),
        vtime=head.vtime,
        weight=head.weight,
        skips=head.skips,
    )


def _record(choices: Sequence[Choice], groups: Mapping[int, Group], pool: Pool) -> None:
    if len(choices) > 1:
        _lock_all(choices)
    clocks = {key: group.clock for key, group in groups.items()}
    for choice in choices:
        head = choice.head
        # Written even when nothing changes: an account is locked before its cohort's share.
        GpuAccount.objects.filter(pk=head.account).update(vtime=F("vtime") + choice.lifted, skips=0)
        if choice.passed is not None:
            GpuAccount.objects.filter(pk=choice.passed.account).update(skips=F("skips") + 1)
        if choice.group_lifted or choice.group_clock != clocks[head.group]:
            clocks[head.group] = choice.group_clock
            CohortShare.objects.filter(cohort_id=head.group).update(
                vtime=F("vtime") + choice.group_lifted, clock=choice.group_clock
            )
    if choices[-1].clock != pool.clock:
        pool.clock = choices[-1].clock
        pool.save(update_fields=["clock"])


def _lock_all(choices: Sequence[Choice]) -> None:
    """All accounts, then all shares: a render that ends holds its account and wants its share."""
    heads = [choice.head for choice in choices]
    passed = [choice.passed.account for choice in choices if choice.passed is not None]
    accounts = GpuAccount.objects.filter(pk__in=[*(head.account for head in heads), *passed])
    shares = CohortShare.objects.filter(cohort__in=[head.group for head in heads])
    for rows in (accounts, shares):
        list(rows.select_for_update(no_key=True).order_by("pk").values_list("pk"))

"""Whose turn it is: the policy of ``generation.scheduling`` on the database.

A claim holds the pool's row, so claims are decided one by one. Virtual times are only ever moved
by a difference: a render that ends meanwhile corrects its account without that row.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import DecimalField, ExpressionWrapper, F, Value

from generation.models import Clip, CohortShare, GpuAccount, Pool, RenderCost
from generation.queries import WaitingHead, learnt_costs, waiting_heads
from generation.scheduling import Choice, Group, Head, choose, normalised
from generation.states import ClipState

POOL = "gpu"
# An account that is charged nothing would be served again and again.
LEAST_CHARGE = Decimal("0.001")
# How much the newest render counts in what clips of its shape are expected to take.
NEWEST = Decimal("0.2")


@dataclass(frozen=True, kw_only=True)
class Turn:
    """The clip whose turn it is, locked, and the GPU seconds to charge for it now."""

    clip: Clip
    estimate: Decimal


def take(*, models: Collection[str], warm: Collection[str], device: str) -> Turn | None:
    """Choose the next clip and move the virtual times, all but the charge itself.

    The caller charges ``Turn.estimate`` in the same transaction. Of a clip that somebody else
    holds at this moment, say to cancel it, the account is passed over.
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
        clip = (
            Clip.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
            .select_related("account", "cohort", "artist")
            .filter(pk=waiting[choice.head.account].clip_id, state=ClipState.QUEUED)
            .first()
        )
        if clip is not None:
            _record(choice, groups[choice.head.group], pool)
            return Turn(clip=clip, estimate=choice.head.estimate)
        heads.remove(choice.head)
    return None


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
        estimate=max(costs.get(head.shape, head.estimate), LEAST_CHARGE),
        vtime=head.vtime,
        weight=head.weight,
        skips=head.skips,
    )


def _record(choice: Choice, group: Group, pool: Pool) -> None:
    head = choice.head
    lifted = choice.account_vtime - normalised(head.estimate, head.weight) - head.vtime
    # Written even when nothing changes: an account is locked before its cohort's share.
    GpuAccount.objects.filter(pk=head.account).update(vtime=F("vtime") + lifted, skips=0)
    if choice.passed is not None:
        GpuAccount.objects.filter(pk=choice.passed.account).update(skips=F("skips") + 1)
    lifted = choice.group_vtime - normalised(head.estimate, group.weight) - group.vtime
    if lifted or choice.group_clock != group.clock:
        CohortShare.objects.filter(cohort_id=head.group).update(
            vtime=F("vtime") + lifted, clock=choice.group_clock
        )
    if choice.clock != pool.clock:
        pool.clock = choice.clock
        pool.save(update_fields=["clock"])

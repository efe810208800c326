"""Which waiting clips can be rendered in one call, and whose they are. Nothing here writes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, Q

from generation.models import Attempt, Clip, GpuAccount
from generation.queries import Shape, expected, in_own_order
from generation.scheduling import Joining
from generation.states import RUNNING, AttemptState

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


class BatchKey(NamedTuple):
    """What a pipeline is told once for all clips of a call; equal keys can share one.

    The fields are columns of a clip, and adapters are worn by a whole call. Clips that start from
    a picture or a video never come to this: the catalogue refuses ``max_batch`` for their families.
    """

    model_key: str
    width: int
    height: int
    frames: int
    steps: int
    guidance: Decimal
    fps: int
    adapter_key: str = ""
    adapter_weight: Decimal | None = None

    @property
    def shape(self) -> Shape:
        return self.model_key, self.width, self.height, self.frames, self.steps

    @property
    def volume(self) -> int:
        """Pixels of all frames."""
        return self.width * self.height * self.frames


def batch_key(clip: Clip) -> BatchKey:
    """*clip* as read from the database."""
    return BatchKey(*(getattr(clip, name) for name in BatchKey._fields))


@dataclass(frozen=True, kw_only=True)
class OwnQueue:
    """The clips at the front of an account's queue that could join a leader, and what they cost."""

    clips: tuple[UUID, ...]
    joining: Joining

    def before(self, held: Collection[UUID]) -> OwnQueue:
        """The clips that come before the first of *held*; the account then waits no more."""
        free = next((at for at, pk in enumerate(self.clips) if pk in held), None)
        if free is None:
            return self
        shorter = replace(self.joining, estimates=self.joining.estimates[:free], waits_on=False)
        return OwnQueue(clips=self.clips[:free], joining=shorter)


def joining_to(
    leader: Clip,
    accounts: Collection[int],
    *,
    models: Collection[str],
    most: int,
    costs: Mapping[Shape, Decimal],
) -> dict[int, OwnQueue]:
    """By account: its clips, *most* at most, that could be rendered with *leader*.

    A clip that was in trouble since it was queued is rendered alone, so that the clip that kills
    its worker or breaks its call does so alone. Of one artist no more clips than may run at once.
    """
    key = batch_key(leader)
    if _in_trouble(leader):
        return {}
    fronts = _fronts(accounts, models, most + 2)
    known = _clips_of([pk for front in fronts.values() for pk in front])
    rooms = _rooms(accounts, most)
    found = {}
    for account, front in fronts.items():
        own = account == leader.account_id
        rest = [pk for pk in front if pk != leader.pk]
        fit = 0
        while fit < len(rest) and known[rest[fit]].joins(key):
            fit += 1
        room = max(rooms[account] - own, 0)
        taken = min(fit, room, most)
        found[account] = OwnQueue(
            clips=tuple(rest[:taken]),
            joining=Joining(
                estimates=tuple(
                    expected(key.shape, known[pk].estimate, costs) for pk in rest[:taken]
                ),
                waits_on=taken < min(len(rest), room),
            ),
        )
    return found


def _in_trouble(clip: Clip) -> bool:
    return bool(Clip.objects.filter(_trouble(), pk=clip.pk).exists())


def _trouble() -> Exists:
    """Lost with its worker, failed, or in a call that broke, since the clip was queued.

    A batch that did not fit into memory is nobody's fault.
    """
    since = Attempt.objects.filter(clip=OuterRef("pk"), started_at__gte=OuterRef("queued_at"))
    broke = Q(state=AttemptState.HANDED_BACK) & ~Q(error_code__in=["", "out_of_memory"])
    return Exists(since.filter(Q(state__in=[AttemptState.LOST, AttemptState.FAILED]) | broke))


def _fronts(
    accounts: Collection[int], models: Collection[str], count: int
) -> dict[int, list[UUID]]:
    found = GpuAccount.objects.filter(pk__in=accounts)
    return dict(found.values_list("pk", ArraySubquery(in_own_order(models)[:count])))


class _Waiting(NamedTuple):
    key: BatchKey
    estimate: Decimal
    trouble: bool

    def joins(self, key: BatchKey) -> bool:
        return self.key == key and not self.trouble


def _clips_of(clips: Collection[UUID]) -> dict[UUID, _Waiting]:
    rows = Clip.objects.filter(pk__in=clips).values_list(
        "pk", "estimate", _trouble(), *BatchKey._fields
    )
    return {pk: _Waiting(BatchKey(*key), estimate, trouble) for pk, estimate, trouble, *key in rows}


def _rooms(accounts: Collection[int], most: int) -> dict[int, int]:
    """How many more clips of each account may run; *most* and the leader where nothing limits."""
    limits = GpuAccount.objects.filter(pk__in=accounts).values_list(
        "pk", "cohort__clips_running_per_artist"
    )
    running = dict(
        Clip.objects.filter(account__in=accounts, state__in=RUNNING)
        .order_by()
        .values_list("account")
        .annotate(count=Count("pk"))
    )
    return {
        account: most + 1 if limit is None else limit - running.get(account, 0)
        for account, limit in limits
    }

"""When will a waiting clip's turn come: the policy run forward, without database or clock.

What is told to an artist comes from the very :func:`generation.scheduling.policy.choose` that the
workers claim with. The run takes every render to last as long as it is expected to and nobody to
ask meanwhile, so it is a forecast; it stops after a bounded number of claims, and for whatever it
did not reach it answers with what is certain: "more than".
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

from generation.scheduling.policy import Choice, Group, Head, choose
from generation.scheduling.scene import Machine, Queue, Waiting

# How many claims a forecast looks ahead.
CLAIMS = 200

_ZERO = Decimal(0)


class Reason(StrEnum):
    """Why a clip waits.

    A waiting clip has passed its budgets, so none of them can hold it back here.
    """

    NEXT = "next"
    QUEUE = "queue"
    OTHER_MODEL = "other_model"
    ARTIST_LIMIT = "artist_limit"
    PAUSED = "paused"
    NO_MODEL = "no_model"
    NO_WORKER = "no_worker"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outlook:
    """What can be said of one waiting clip.

    ``before`` clips that wait now begin before it, ``own`` of them the same artist's and the
    others of ``artists`` other artists; ``seconds`` until it begins, None when nobody can tell.
    With ``at_least`` it is more than that, of all of them.
    """

    before: int
    own: int
    artists: int
    seconds: Decimal | None
    at_least: bool
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Start:
    """A claim foreseen; ``key`` is "" for a clip that was not listed. Seconds from now."""

    key: str
    account: int
    artist: int
    seconds: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Forecast:
    """``starts`` in their order; ``outlooks`` of every clip listed, by its key."""

    starts: Sequence[Start]
    outlooks: Mapping[str, Outlook]


def forecast(
    queues: Sequence[Queue],
    groups: Mapping[int, Group],
    machines: Sequence[Machine],
    *,
    clock: Decimal,
    delta: Decimal = _ZERO,
    load: Decimal = _ZERO,
    claims: int = CLAIMS,
) -> Forecast:
    """Run the policy forward from now on.

    Args:
        queues: of all accounts that wait.
        groups: by ``Queue.group``.
        machines: those at work, and those that only end what they render.
        clock: the pool's.
        delta: as for ``choose``.
        load: seconds that loading another model takes.
        claims: how many to look ahead.
    """
    able = [machine for machine in machines if machine.models]
    run = _Run(queues, groups, machines if able else [_stand_in(queues)], clock, delta, load)
    run.ahead(claims)
    outlooks: dict[str, Outlook] = {}
    for queue, at in run.reached(queues):
        outlooks |= _outlooks(queue, at, able)
    return Forecast(starts=run.starts, outlooks=outlooks)


@dataclass(slots=True)
class _Account:
    """How one account stands during a run; ``heads`` are remembered by machine."""

    queue: Queue
    vtime: Decimal
    skips: int
    running: int
    left: list[Waiting]
    heads: dict[int, tuple[Waiting, Head] | None] = field(default_factory=dict)

    def head(self, number: int, machine: Machine) -> tuple[Waiting, Head] | None:
        if self.queue.limit is not None and self.running >= self.queue.limit:
            return None
        if number not in self.heads:
            self.heads[number] = self._head(machine)
        return self.heads[number]

    def _head(self, machine: Machine) -> tuple[Waiting, Head] | None:
        clip = next((clip for clip in self.left if clip.model in machine.models), None)
        if clip is None:
            return None
        return clip, Head(
            account=self.queue.account,
            group=self.queue.group,
            model=clip.model,
            estimate=machine.expects(clip),
            vtime=self.vtime,
            weight=self.queue.weight,
            skips=self.skips,
        )

    def take(self, clip: Waiting) -> None:
        self.left.remove(clip)
        if not self.left and self.queue.more:
            self.left.append(replace(clip, key=""))
        self.skips = 0
        self.running += 1
        self.heads.clear()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Reached:
    """What a run found out about one account's clips."""

    starts: Mapping[str, tuple[int, int, int, Decimal]]
    claims: int
    others: int
    own: int
    until: Decimal
    bounded: bool


class _Run:
    def __init__(
        self,
        queues: Sequence[Queue],
        groups: Mapping[int, Group],
        machines: Sequence[Machine],
        clock: Decimal,
        delta: Decimal,
        load: Decimal,
    ) -> None:
        self._accounts = {
            queue.account: _Account(
                queue=queue,
                vtime=queue.vtime,
                skips=queue.skips,
                running=queue.running,
                left=[clip for clip in queue.clips if not clip.paused],
            )
            for queue in queues
        }
        self._groups = dict(groups)
        self._machines = list(machines)
        self._clock = clock
        self._delta = delta
        self._load = load
        self._ends = [(machine.left, number) for number, machine in enumerate(machines)]
        heapq.heapify(self._ends)
        self.starts: list[Start] = []
        self._bounded = False

    def ahead(self, claims: int) -> None:
        free: list[int] = []
        while self._ends:
            now, number = heapq.heappop(self._ends)
            self._release(number)
            free.append(number)
            # An end may lift an artist's limit, so whoever stands idle looks again.
            for each in sorted(free):
                if len(self.starts) >= claims:
                    self._bounded = True
                    return
                if self._claim(each, now):
                    free.remove(each)

    def reached(self, queues: Sequence[Queue]) -> list[tuple[Queue, _Reached]]:
        """What is known of each of *queues* at the end of the run."""
        by_artist: dict[int, int] = {}
        found: dict[int, dict[str, tuple[int, int, int, Decimal]]] = {}
        for before, start in enumerate(self.starts):
            own = by_artist.get(start.artist, 0)
            others = len(by_artist) - (start.artist in by_artist)
            if start.key:
                at = (before, own, others, start.seconds)
                found.setdefault(start.account, {})[start.key] = at
            by_artist[start.artist] = own + 1
        until = self.starts[-1].seconds if self.starts else _ZERO
        return [
            (
                queue,
                _Reached(
                    starts=found.get(queue.account, {}),
                    claims=len(self.starts),
                    others=len(by_artist) - (queue.artist in by_artist),
                    own=by_artist.get(queue.artist, 0),
                    until=until,
                    bounded=self._bounded,
                ),
            )
            for queue in queues
        ]

    def _release(self, number: int) -> None:
        machine = self._machines[number]
        for key in machine.accounts:
            if key in self._accounts:
                self._accounts[key].running -= 1
        self._machines[number] = replace(machine, accounts=())

    def _claim(self, number: int, now: Decimal) -> bool:
        machine = self._machines[number]
        found = [head for one in self._accounts.values() if (head := one.head(number, machine))]
        found.sort(key=lambda pair: pair[0].asked)
        choice = choose(
            [head for _clip, head in found],
            self._groups,
            clock=self._clock,
            warm=frozenset([machine.model]),
            delta=self._delta,
        )
        if choice is None:
            return False
        clip = next(clip for clip, head in found if head is choice.head)
        self._record(choice, clip)
        account = self._accounts[choice.head.account]
        self.starts.append(
            Start(
                key=clip.key,
                account=choice.head.account,
                artist=account.queue.artist,
                seconds=now,
            )
        )
        loads = self._load if clip.model != machine.model else _ZERO
        self._machines[number] = replace(machine, model=clip.model, accounts=(choice.head.account,))
        heapq.heappush(self._ends, (now + loads + choice.head.estimate, number))
        return True

    def _record(self, choice: Choice, clip: Waiting) -> None:
        head = choice.head
        account = self._accounts[head.account]
        account.take(clip)
        account.vtime = choice.account_vtime
        if choice.passed is not None:
            passed = self._accounts[choice.passed.account]
            passed.skips += 1
            passed.heads.clear()
        self._clock = choice.clock
        self._groups[head.group] = replace(
            self._groups[head.group], vtime=choice.group_vtime, clock=choice.group_clock
        )


def _stand_in(queues: Sequence[Queue]) -> Machine:
    """A worker that takes anything: when none is at work, the order can still be told."""
    return Machine(models=frozenset(clip.model for queue in queues for clip in queue.clips))


def _outlooks(queue: Queue, at: _Reached, able: Sequence[Machine]) -> dict[str, Outlook]:
    lanes = len(able) if queue.limit is None else min(len(able), queue.limit)
    told: dict[str, Outlook] = {}
    unreached: list[Decimal] = []
    for clip in queue.clips:
        held = _held(queue, clip, able)
        if clip.key in at.starts:
            before, own, artists, seconds = at.starts[clip.key]
            told[clip.key] = Outlook(
                before=before,
                own=own,
                artists=artists,
                seconds=seconds if able else None,
                at_least=False,
                reasons=held or _reasons(queue, clip, before, able),
            )
        elif held and Reason.NO_WORKER not in held:
            told[clip.key] = Outlook(
                before=0, own=0, artists=0, seconds=None, at_least=False, reasons=held
            )
        else:
            before = at.claims + len(unreached)
            known = bool(able) and at.bounded
            told[clip.key] = Outlook(
                before=before,
                own=at.own + len(unreached),
                artists=at.others,
                seconds=at.until + _least(unreached, lanes) if known else None,
                at_least=at.bounded,
                reasons=held or _reasons(queue, clip, before, able),
            )
            costs = [machine.expects(clip) for machine in able]
            unreached.append(min(costs, default=clip.estimate))
    return told


def _held(queue: Queue, clip: Waiting, able: Sequence[Machine]) -> tuple[Reason, ...]:
    """What keeps every worker from taking *clip*, whosever turn it is."""
    if clip.paused:
        return (Reason.PAUSED,)
    if not able:
        return (Reason.NO_WORKER,)
    if not any(clip.model in machine.models for machine in able):
        return (Reason.NO_MODEL,)
    return ()


def _reasons(
    queue: Queue, clip: Waiting, before: int, able: Sequence[Machine]
) -> tuple[Reason, ...]:
    reasons = [Reason.QUEUE if before else Reason.NEXT]
    if queue.is_full:
        reasons.append(Reason.ARTIST_LIMIT)
    if all(machine.model not in ("", clip.model) for machine in able):
        reasons.append(Reason.OTHER_MODEL)
    return tuple(reasons)


def _least(costs: Sequence[Decimal], lanes: int) -> Decimal:
    """Seconds that pass for certain until the next clip begins after those of *costs*.

    At most *lanes* of an account's clips run at once, so when that one begins all but the longest
    ``lanes - 1`` are done.
    """
    done = sorted(costs)[: max(len(costs) - lanes + 1, 0)]
    return sum(done, _ZERO) / lanes

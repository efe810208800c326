"""Hierarchical start-time fair queueing on GPU seconds, with bounded affinity to the warm model.

Start-time fair queueing: P. Goyal, H. M. Vin, H. Cheng, "Start-time Fair Queuing: A Scheduling
Algorithm for Integrated Services Packet Switching Networks", SIGCOMM 1996. Every account has a
*virtual time*: GPU seconds it was charged, divided by its weight. The account whose next clip
has the least start tag, ``max(account.vtime, clock)``, is served; the clock is the least start
tag of those that waited at the last claim, so whoever comes back from a pause starts beside the
others, neither ahead by the time not used nor behind. The same rule first picks the cohort, then
the account in it, each with a clock of its own.

Three things differ from the paper. What a clip takes is known only at its end, so an estimate is
charged at the claim and corrected then. Several workers serve at once; because the charge comes
at the claim, they need not know of each other. And a worker that holds a model may stay with it:
it may take a clip of that model whose start tags are at most *delta* behind the least, but the
same head clip gives way at most :data:`SKIPS` times.

For two accounts of one cohort that both wait from *t1* to *t2*, the GPU seconds they get by
weight then differ by at most ``l_f / w_f + l_m / w_m + 2 * delta``, where *l* is the greatest
charge of a single clip: Goyal's bound and what affinity adds. No estimate may be zero, or its
account would never move back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

# How often one account's head clip may be passed over for the warm model.
SKIPS = 4

_VIRTUAL = Decimal("0.000001")


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """The clip an account wants next, and how its account stands.

    ``estimate`` in GPU seconds; ``skips`` counts how often this account gave way since it was
    last served; ``vtime`` in virtual seconds.
    """

    account: int
    group: int
    model: str
    estimate: Decimal
    vtime: Decimal
    weight: int
    skips: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """A cohort: ``vtime`` among the cohorts, ``clock`` for the accounts inside. Virtual seconds."""

    vtime: Decimal
    weight: int
    clock: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """Whom to serve, and the new virtual times once its estimate is charged.

    ``passed`` is the head whose turn it was, when it gave way: its account's ``skips`` goes up by
    one. That of the chosen account goes back to zero. ``lifted`` and ``group_lifted`` say how far
    account and cohort were moved forward because they had paused; the rest is the charge.
    """

    head: Head
    passed: Head | None
    clock: Decimal
    group_clock: Decimal
    group_vtime: Decimal
    account_vtime: Decimal
    lifted: Decimal
    group_lifted: Decimal


def start_tag(vtime: Decimal, clock: Decimal) -> Decimal:
    return max(vtime, clock)


def normalised(seconds: Decimal, weight: int) -> Decimal:
    """Virtual seconds of *seconds* GPU seconds; negative ones give time back.

    Rounded as PostgreSQL rounds a ``numeric``.
    """
    return (seconds / weight).quantize(_VIRTUAL, ROUND_HALF_UP)


class Standing:
    """How far each head is behind the least of its cohort, and each cohort behind the least.

    *heads* must not be empty.
    """

    def __init__(
        self, heads: Sequence[Head], groups: Mapping[int, Group], *, clock: Decimal
    ) -> None:
        self._groups = groups
        self._inner = {
            head.account: start_tag(head.vtime, groups[head.group].clock) for head in heads
        }
        self._first: dict[int, Decimal] = {}
        for head in heads:
            tag = self._inner[head.account]
            self._first[head.group] = min(self._first.get(head.group, tag), tag)
        self._outer = {key: start_tag(groups[key].vtime, clock) for key in self._first}
        self._least = min(self._outer.values())

    def behind(self, head: Head) -> tuple[Decimal, Decimal]:
        """Virtual seconds its cohort is behind, and it in its cohort; the least is next."""
        return (
            self._outer[head.group] - self._least,
            self._inner[head.account] - self._first[head.group],
        )

    def serve(self, head: Head, *, passed: Head | None = None) -> Choice:
        group = self._groups[head.group]
        return Choice(
            head=head,
            passed=passed,
            clock=self._least,
            group_clock=self._first[head.group],
            group_vtime=self._outer[head.group] + normalised(head.estimate, group.weight),
            account_vtime=self._inner[head.account] + normalised(head.estimate, head.weight),
            lifted=self._inner[head.account] - head.vtime,
            group_lifted=self._outer[head.group] - group.vtime,
        )


def may_give_way(turn: Head, warm: frozenset[str]) -> bool:
    """Whether the head whose turn it is could be passed over for a model the worker holds.

    If not, it is served, and those who stand further behind need not be known.
    """
    return bool(warm) and turn.model not in warm and turn.skips < SKIPS


def choose(
    heads: Sequence[Head],
    groups: Mapping[int, Group],
    *,
    clock: Decimal,
    warm: frozenset[str] = frozenset(),
    delta: Decimal = Decimal(0),
) -> Choice | None:
    """The head to serve next; None when *heads* is empty, and only then.

    Args:
        heads: one for each account that waits and fits the worker; of equal start tags the one
            that comes first here wins.
        groups: by ``Head.group``.
        clock: the pool's.
        warm: the models the worker holds.
        delta: how far behind the least start tag, in virtual seconds, a clip of a warm model may
            be and still go first; about what loading a model costs.
    """
    if not heads:
        return None
    standing = Standing(heads, groups, clock=clock)
    behind = standing.behind
    turn = min(heads, key=behind)
    chosen = turn
    if may_give_way(turn, warm):
        near = (head for head in heads if head.model in warm and max(behind(head)) <= delta)
        chosen = min(near, key=behind, default=turn)
    return standing.serve(chosen, passed=None if chosen is turn else turn)

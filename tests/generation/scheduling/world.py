"""Accounts that ask and workers that claim, without time: what the policy is tested in."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from decimal import Decimal

from generation.scheduling import Choice, Group, Head, Joining, choose, companions, normalised

Waiting = tuple[str, Decimal]


@dataclass(kw_only=True)
class Account:
    """``recorded`` is what its clips took, those that run now by their estimate; GPU seconds.

    ``lifted`` is by how much its virtual time was moved forward because it had paused.
    """

    group: int
    weight: int = 1
    vtime: Decimal = Decimal(0)
    skips: int = 0
    waiting: list[Waiting] = field(default_factory=list)
    recorded: Decimal = Decimal(0)
    lifted: Decimal = Decimal(0)


@dataclass(kw_only=True)
class World:
    accounts: list[Account]
    groups: dict[int, Group]
    clock: Decimal = Decimal(0)

    def heads(self) -> list[Head]:
        return [
            Head(
                account=key,
                group=account.group,
                model=account.waiting[0][0],
                estimate=account.waiting[0][1],
                vtime=account.vtime,
                weight=account.weight,
                skips=account.skips,
            )
            for key, account in enumerate(self.accounts)
            if account.waiting
        ]

    def claim(self, *, warm: str = "", delta: Decimal = Decimal(0)) -> Choice | None:
        """Choose and write down what the choice says, as a service does."""
        choice = choose(
            self.heads(), self.groups, clock=self.clock, warm=frozenset([warm]), delta=delta
        )
        if choice is not None:
            self._write(choice)
        return choice

    def claim_together(
        self, *, most: int, limit: int = 99, warm: str = "", delta: Decimal = Decimal(0)
    ) -> list[Choice]:
        """The same with companions of the leader's model; *limit* clips of an account a call."""
        heads = self.heads()
        leader = choose(heads, self.groups, clock=self.clock, warm=frozenset([warm]), delta=delta)
        if leader is None:
            return []
        joined = companions(
            leader,
            heads,
            self.groups,
            joining={
                head.account: self._joining(head.account, leader.head, limit) for head in heads
            },
            most=most - 1,
            delta=delta,
        )
        for choice in (leader, *joined):
            self._write(choice)
        return [leader, *joined]

    def _joining(self, account: int, leader: Head, limit: int) -> Joining:
        own = account == leader.account
        rest = self.accounts[account].waiting[1:] if own else self.accounts[account].waiting
        alike = list(itertools.takewhile(lambda clip: clip[0] == leader.model, rest))
        alike = alike[: limit - own]
        return Joining(
            estimates=tuple(estimate for _model, estimate in alike),
            waits_on=len(alike) < min(len(rest), limit - own),
        )

    def _write(self, choice: Choice) -> None:
        head = choice.head
        account = self.accounts[head.account]
        group = self.groups[head.group]
        taken = account.waiting.pop(0)
        assert taken[1] == head.estimate
        account.lifted += choice.lifted
        account.recorded += head.estimate
        account.vtime = choice.account_vtime
        account.skips = 0
        if choice.passed is not None:
            self.accounts[choice.passed.account].skips += 1
        self.clock = choice.clock
        self.groups[head.group] = replace(group, vtime=choice.group_vtime, clock=choice.group_clock)

    def end(self, head: Head, took: Decimal) -> None:
        """The claimed clip took so many GPU seconds; none when the machinery failed."""
        account = self.accounts[head.account]
        group = self.groups[head.group]
        difference = took - head.estimate
        account.recorded += difference
        account.vtime += normalised(difference, account.weight)
        self.groups[head.group] = replace(
            group, vtime=group.vtime + normalised(difference, group.weight)
        )

"""Who joins the clip whose turn it is in one call of the pipeline.

Clips that ask the pipeline for the same (model, size, length, steps, guidance) can be rendered in
one call. ``choose`` picks the *leader*, exactly as if there were no batches. Then companions are
taken one by one by the same rule, the least start tag first, each charged its own estimate: to
the policy a batch is a row of claims made at one moment, so every bound that holds for claims holds
for batches. What clips of a batch really took is split among them afterwards, and estimates are
learnt from those shares.

Companions cost those who wait less than a turn of their own would, but not nothing: a call for
four takes longer than a call for one. So a companion may pass somebody who waits for another kind
of clip only as a clip of the warm model may, by at most *delta*; without a limit an artist with
two hundred clips would bring three more to each of their turns. When everybody who waits wants
the same, nobody is passed, and *delta* plays no part. Nobody's ``skips`` go up: whoever is passed
waits for one call, and the next leader is chosen as ever.

An artist's clips never overtake each other: only the unbroken row at the front of their own queue
can join.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from generation.scheduling.policy import Choice, Group, Head, Standing


@dataclass(frozen=True, kw_only=True, slots=True)
class Joining:
    """An account's clips that could join a leader, from the front of its own queue.

    Attributes:
        estimates: their GPU seconds in the account's order, without the leader; no more than the
            artist may have on GPUs beside what runs already, the leader included.
        waits_on: whether something of the account still waits once all these are taken.
    """

    estimates: tuple[Decimal, ...]
    waits_on: bool


def companions(
    leader: Choice,
    heads: Sequence[Head],
    groups: Mapping[int, Group],
    *,
    joining: Mapping[int, Joining],
    most: int,
    delta: Decimal,
) -> list[Choice]:
    """Who renders with *leader*, in the order taken; of one account its clips in their order.

    Args:
        heads, groups: those *leader* was chosen from.
        joining: by account, for the leader's account too; for whom it has nothing nobody joins,
            and the leader's account then counts as one that waits no more.
        most: how many at most.
        delta: how far behind the least start tag of those that wait a companion may be.
    """
    state = dict(groups)
    rows = {head.account: head for head in heads}
    left = {account: list(row.estimates) for account, row in joining.items()}
    last = leader
    joined: list[Choice] = []
    _step(rows, left, joining, leader.head.account, leader)
    for account in left.keys() & rows.keys() - {leader.head.account}:
        if left[account]:
            rows[account] = replace(rows[account], estimate=left[account][0])
    while len(joined) < most and rows:
        group = last.head.group
        state[group] = replace(state[group], vtime=last.group_vtime, clock=last.group_clock)
        standing = Standing(list(rows.values()), state, clock=last.clock)
        near = [
            head
            for account, head in rows.items()
            if left.get(account) and max(standing.behind(head)) <= delta
        ]
        if not near:
            break
        last = standing.serve(min(near, key=standing.behind))
        joined.append(last)
        account = last.head.account
        left[account].pop(0)
        _step(rows, left, joining, account, last)
    return joined


def _step(
    rows: dict[int, Head],
    left: Mapping[int, Sequence[Decimal]],
    joining: Mapping[int, Joining],
    account: int,
    served: Choice,
) -> None:
    """The account's next clip comes to the front, or the account waits no more."""
    following = left.get(account, ())
    if following:
        rows[account] = replace(
            served.head, estimate=following[0], vtime=served.account_vtime, skips=0
        )
    elif account in joining and joining[account].waits_on:
        rows[account] = replace(served.head, vtime=served.account_vtime, skips=0)
    else:
        rows.pop(account, None)

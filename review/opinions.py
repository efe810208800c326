"""When several people judge one clip: whose opinion it waits for, and what its artist is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from review.states import REFUSALS, Opinion, ReviewState, Verdict

if TYPE_CHECKING:
    from review.models import Decision, Review


def is_last(review: Review, verdict: Verdict, approvals: int) -> bool:
    """Whether the review ends with *verdict*, after which it has so many *approvals*.

    A refusal after somebody's approval is only an opinion, unless it is a lead's who was asked.
    """
    if verdict == Verdict.APPROVE:
        return approvals >= review.approvals_needed
    ends = verdict in {Verdict.REVOKE, Verdict.OVERTURN}
    return ends or approvals == 0 or review.waits_for == Opinion.LEAD


def next_after(verdict: Verdict) -> Opinion:
    """What a review waits for after a *verdict* that does not end it."""
    return Opinion.SECOND if verdict == Verdict.APPROVE else Opinion.LEAD


def differ(given: Sequence[Decision]) -> bool:
    """Whether some of those who judged approved and some refused."""
    verdicts = {decision.verdict for decision in given}
    return Verdict.APPROVE in verdicts and not verdicts.isdisjoint(REFUSALS)


def told(review: Review, given: Sequence[Decision]) -> list[Decision]:
    """Those of *given*, oldest first, that the artist is told of.

    Approvals, and the refusal that ended the review, also one that was overturned: an opinion that
    another overruled, or that a lead has yet to weigh, was never an answer to them.
    """
    after: list[str | None] = [decision.verdict for decision in given[1:]]
    after.append(None if review.state == ReviewState.WAITING else Verdict.OVERTURN)
    return [
        decision
        for decision, then in zip(given, after, strict=False)
        if decision.verdict not in REFUSALS or then == Verdict.OVERTURN
    ]

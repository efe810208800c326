"""What nobody can beat by much: every GPU divisible, no model to load, all artists served at once.

Generalised processor sharing: A. K. Parekh, R. G. Gallager, "A generalized processor sharing
approach to flow control in integrated services networks", IEEE/ACM Transactions on Networking
1(3), 1993. Here a clip still runs on one GPU at most, so an artist with one clip cannot use four.
"""

from __future__ import annotations

from collections.abc import Sequence

from bench.fairness.simulator import Outcome
from bench.fairness.trace import HORIZON, WORKERS, Request

_DONE = 1e-6


def fluid(requests: Sequence[Request]) -> Outcome:
    """The waits: how much later a clip ends than if it alone had had a GPU from the start."""
    waiting: dict[int, list[Request]] = {}
    left = {one.number: one.seconds for one in requests}
    ended: dict[int, float] = {}
    served: set[int] = set()
    coming = 0
    now = 0.0
    while now < HORIZON:
        rates = _rates(waiting)
        served.update(rates)
        arrives = requests[coming].at if coming < len(requests) else HORIZON
        ends = min((now + left[number] / rate for number, rate in rates.items()), default=HORIZON)
        then = min(arrives, ends, HORIZON)
        for number, rate in rates.items():
            left[number] -= rate * (then - now)
            if left[number] <= _DONE:
                ended[number] = then
        waiting = {
            artist: still
            for artist, clips in waiting.items()
            if (still := [clip for clip in clips if clip.number not in ended])
        }
        now = then
        if arrives <= now and coming < len(requests):
            waiting.setdefault(requests[coming].artist, []).append(requests[coming])
            coming += 1
    light = [request for request in requests if request.light]
    return Outcome(
        waits=[max(ended.get(one.number, HORIZON) - one.at - one.seconds, 0.0) for one in light],
        served=sum(one.number in served for one in light) / len(light),
        loads=0.0,
    )


def _rates(waiting: dict[int, list[Request]]) -> dict[int, float]:
    """GPUs for each clip: the artists share alike, none gets more than a GPU for each clip."""
    free = float(WORKERS)
    rates: dict[int, float] = {}
    # Who can use least is filled first; what they leave is shared by the others.
    by_need = sorted(waiting.values(), key=lambda clips: min(len(clips), WORKERS))
    for place, clips in enumerate(by_need):
        share = min(free / (len(by_need) - place), float(min(len(clips), WORKERS)))
        free -= share
        for clip in clips[:WORKERS]:
            rate = min(share, 1.0)
            if rate <= _DONE:
                break
            rates[clip.number] = rate
            share -= rate
    return rates

"""Workers that render a trace in simulated time, one order at a time."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

from bench.fairness.policies import Order
from bench.fairness.trace import HORIZON, LOAD_SECONDS, WORKERS, Request


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a trace.

    ``waits`` of the light artists' clips, in seconds from the request until its model is loaded
    and the render begins; of a clip that never began, until the day ended. ``served`` is the
    share of them that began; ``loads`` the models loaded for each clip begun.
    """

    waits: Sequence[float]
    served: float
    loads: float


def simulate(requests: Sequence[Request], order: Order) -> Outcome:
    """Render *requests* by *order* until the day is over. No worker idles while a clip waits."""
    begun: dict[int, float] = {}
    loads = 0
    coming = 0
    warm = [""] * WORKERS
    idle = list(range(WORKERS))
    busy: list[tuple[float, int, Request]] = []
    now = 0.0
    while True:
        while idle and (taken := order.take(warm[idle[0]])) is not None:
            worker = idle.pop(0)
            swaps = warm[worker] != taken.model
            loads += swaps
            warm[worker] = taken.model
            start = now + (LOAD_SECONDS if swaps else 0.0)
            begun[taken.number] = start
            heapq.heappush(busy, (start + taken.seconds, worker, taken))
        arrives = requests[coming].at if coming < len(requests) else HORIZON
        ends = busy[0][0] if busy else HORIZON
        now = min(arrives, ends)
        if now >= HORIZON:
            break
        if arrives <= ends:
            order.add(requests[coming])
            coming += 1
        else:
            _, worker, done = heapq.heappop(busy)
            order.done(done)
            idle.append(worker)
    light = [request for request in requests if request.light]
    return Outcome(
        waits=[min(begun.get(one.number, HORIZON), HORIZON) - one.at for one in light],
        served=sum(one.number in begun for one in light) / len(light),
        loads=loads / len(begun),
    )

"""The orders that are compared. Each keeps what waits and answers which request is next."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict, deque
from decimal import Decimal

from bench.fairness.trace import Request
from generation.scheduling import Group, Head, choose, normalised

ONE_COHORT = 0


class Order(ABC):
    """A queue. ``warm`` is the model on the worker that asks, or ""."""

    @abstractmethod
    def add(self, request: Request) -> None: ...

    @abstractmethod
    def take(self, warm: str) -> Request | None:
        """The next request; None when nothing waits."""

    def done(self, request: Request) -> None:
        """*request* is rendered and its real GPU seconds are known."""
        del request


class Fifo(Order):
    def __init__(self) -> None:
        self._waiting: deque[Request] = deque()

    def add(self, request: Request) -> None:
        self._waiting.append(request)

    def take(self, warm: str) -> Request | None:
        return self._waiting.popleft() if self._waiting else None


class RoundRobin(Order):
    """One clip of each artist in turn; with *affinity*, of theirs one for the warm model."""

    def __init__(self, *, affinity: bool) -> None:
        self._affinity = affinity
        self._waiting: dict[int, list[Request]] = {}

    def add(self, request: Request) -> None:
        self._waiting.setdefault(request.artist, []).append(request)

    def take(self, warm: str) -> Request | None:
        if not self._waiting:
            return None
        artist = next(iter(self._waiting))
        clips = self._waiting.pop(artist)
        fitting = (place for place, clip in enumerate(clips) if clip.model == warm)
        taken = clips.pop(next(fitting, 0) if self._affinity else 0)
        if clips:
            self._waiting[artist] = clips
        return taken


class Fair(Order):
    """The product's policy in one cohort; with a *delta* of nought, plain SFQ."""

    def __init__(self, *, delta: float) -> None:
        self._delta = Decimal(delta)
        self._waiting: dict[int, deque[Request]] = {}
        self._vtime: dict[int, Decimal] = defaultdict(Decimal)
        self._skips: dict[int, int] = defaultdict(int)
        self._clock = Decimal(0)
        self._group = Group(vtime=Decimal(0), weight=1, clock=Decimal(0))

    def add(self, request: Request) -> None:
        self._waiting.setdefault(request.artist, deque()).append(request)

    def take(self, warm: str) -> Request | None:
        clips = sorted((clips[0] for clips in self._waiting.values()), key=lambda clip: clip.number)
        heads = [
            Head(
                account=clip.artist,
                group=ONE_COHORT,
                model=clip.model,
                estimate=Decimal(str(clip.estimate)),
                vtime=self._vtime[clip.artist],
                weight=1,
                skips=self._skips[clip.artist],
            )
            for clip in clips
        ]
        choice = choose(
            heads,
            {ONE_COHORT: self._group},
            clock=self._clock,
            warm=frozenset([warm]),
            delta=self._delta,
        )
        if choice is None:
            return None
        artist = choice.head.account
        self._clock = choice.clock
        self._group = Group(vtime=choice.group_vtime, weight=1, clock=choice.group_clock)
        self._vtime[artist] = choice.account_vtime
        self._skips[artist] = 0
        if choice.passed is not None:
            self._skips[choice.passed.account] += 1
        taken = self._waiting[artist].popleft()
        if not self._waiting[artist]:
            del self._waiting[artist]
        return taken

    def done(self, request: Request) -> None:
        difference = Decimal(str(request.seconds)) - Decimal(str(request.estimate))
        self._vtime[request.artist] += normalised(difference, 1)

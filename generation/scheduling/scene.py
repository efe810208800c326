"""What a forecast starts from: the clips that wait, by account, and the machines."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """One waiting clip.

    ``shape`` is what its cost is known by; ``estimate`` in GPU seconds counts where a machine
    knows no cost of that shape; ``asked`` is its place among all clips by the time they were asked.
    """

    key: str
    model: str
    shape: Hashable
    estimate: Decimal
    asked: int
    paused: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Queue:
    """An account and the clips it has waiting, in its own order.

    ``more`` says that others wait after the last one listed; they are taken to be like it.
    ``running`` clips of the account are on machines now, at most ``limit`` at once (None: any).
    """

    account: int
    artist: int
    group: int
    vtime: Decimal
    weight: int
    skips: int
    clips: Sequence[Waiting]
    more: bool = False
    running: int = 0
    limit: int | None = None

    @property
    def is_full(self) -> bool:
        return self.limit is not None and self.running >= self.limit


@dataclass(frozen=True, kw_only=True, slots=True)
class Machine:
    """A worker.

    ``models`` are those it may take a clip of, none when it rests; ``model`` the one it holds, ""
    for none; ``left`` the seconds until it is free, ``accounts`` whose clips it renders until
    then; ``costs`` the GPU seconds that clips take on it, by their shape.
    """

    models: frozenset[str]
    model: str = ""
    left: Decimal = Decimal(0)
    accounts: Sequence[int] = ()
    costs: Mapping[Hashable, Decimal] = field(default_factory=dict)

    def expects(self, clip: Waiting) -> Decimal:
        return self.costs.get(clip.shape, clip.estimate)

"""Who dies when: random kills, a clip that kills, servers that go away."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING
from uuid import UUID

import redis

from bench.chaos.crew import GPU_WORKERS

if TYPE_CHECKING:
    from bench.chaos.people import Artists
    from bench.chaos.stage import Stage

REDIS_AWAY_SECONDS = 20.0
# How long after somebody began to render the blow falls, on average and at most.
_BLOW_SECONDS = 0.8
_LATEST_BLOW = 3.0
# How long a blow waits for somebody to do what it is meant to interrupt.
_PATIENCE_SECONDS = 3.0


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How much is asked for and broken.

    Attributes:
        clips: asked for at least.
        kills: of GPU workers, beside those the poisoned clip costs.
        incidents: after how many kills which of ``Havoc``'s incidents happen.
        drain_seconds: how long the rest may take when nothing is broken any more.
    """

    clips: int
    kills: int
    incidents: Mapping[int, Sequence[str]] = field(default_factory=dict)
    drain_seconds: float = 900


LONG = Plan(
    clips=60,
    kills=50,
    incidents={
        8: ("flush_redis",),
        16: ("stop_redis",),
        28: ("restart_postgres",),
        36: ("flush_redis",),
        44: ("crash_postgres",),
    },
)
SHORT = Plan(clips=12, kills=3, incidents={1: ("flush_redis",)})


class Poison:
    """Kills whichever worker renders the poisoned clip, as a driver that crashes would."""

    def __init__(self, stage: Stage, artists: Artists) -> None:
        self._stage = stage
        self._artists = artists
        self._killed: set[UUID] = set()

    @property
    def kills(self) -> int:
        return len(self._killed)

    def step(self) -> None:
        from generation.models import Attempt
        from generation.states import AttemptState, ClipState

        running = Attempt.objects.filter(
            clip=self._artists.poison,
            clip__state__in=(ClipState.RENDERING, ClipState.ENCODING),
            state=AttemptState.RUNNING,
        )
        for attempt in running:
            if attempt.lease_token not in self._killed and _kill(self._stage, attempt.worker):
                self._killed.add(attempt.lease_token)


class Havoc:
    """Carries out a plan, seeded.

    Attributes:
        kills: how many workers were killed, by what they were doing.
        done: incidents, in order.
    """

    def __init__(self, stage: Stage, artists: Artists, plan: Plan, rng: Random) -> None:
        self._stage = stage
        self._artists = artists
        self._plan = plan
        self._rng = rng
        self._redis_back_at: float | None = None
        self.kills: Counter[str] = Counter()
        self.done: list[str] = []

    def wreak(self) -> None:
        """All kills and incidents; the servers stand again at the end."""
        for number in range(1, self._plan.kills + 1):
            self._kill_one()
            for name in self._plan.incidents.get(number, ()):
                getattr(self, name)()
                self.done.append(name)
        while self._redis_back_at is not None:
            self._wait(0.1)

    def flush_redis(self) -> None:
        """Everything Redis knows is gone: messages, cache, sessions."""
        with redis.Redis.from_url(self._stage.redis_url) as client:
            client.flushall()

    def stop_redis(self) -> None:
        """Redis is away for a while; kills go on."""
        self._stage.redis.stop()
        self._redis_back_at = time.monotonic() + REDIS_AWAY_SECONDS

    def restart_postgres(self) -> None:
        """PostgreSQL is restarted in order: open transactions are rolled back."""
        self._stage.postgres.stop()
        self._stage.postgres.start()

    def crash_postgres(self) -> None:
        """PostgreSQL ends at once and recovers from its log."""
        self._stage.postgres.stop(signal.SIGQUIT)
        self._stage.postgres.start()

    def _kill_one(self) -> None:
        while True:
            # Loading takes most of the time on a slow machine, and most blows should not fall then.
            wanted = {"rendering", "encoding"} if self._rng.random() < 0.7 else {"loading"}
            patient_until = time.monotonic() + _PATIENCE_SECONDS
            while not wanted & (doing := set(self._running().values())):
                if doing and time.monotonic() > patient_until:
                    break
                self._wait(0.05)
            self._wait(min(self._rng.expovariate(1 / _BLOW_SECONDS), _LATEST_BLOW))
            running = self._running()
            # Now and then one between two clips, or one that is still starting.
            if not running or self._rng.random() < 0.1:
                running = dict.fromkeys(GPU_WORKERS, "elsewhere")
            worker = self._rng.choice(sorted(running))
            if _kill(self._stage, worker):
                self.kills[running[worker]] += 1
                return

    def _running(self) -> dict[str, str]:
        """Workers that have a clip, and what they do with it; the poisoned one needs no help."""
        from django.db import InterfaceError, OperationalError, connection

        from generation.models import Attempt
        from generation.states import AttemptState

        try:
            found = Attempt.objects.filter(state=AttemptState.RUNNING).exclude(
                clip=self._artists.poison
            )
            return dict(found.values_list("worker", "clip__state"))
        except (OperationalError, InterfaceError):
            connection.close()
            return {}

    def _wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while True:
            self._stage.require_crew()
            if self._redis_back_at is not None and time.monotonic() >= self._redis_back_at:
                self._stage.redis.start()
                self._redis_back_at = None
            left = until - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, 0.1))


def _kill(stage: Stage, worker: str) -> bool:
    """``kill -9``; whether there was such a process."""
    pid = stage.worker_process(worker)
    if pid is None:
        return False
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
        return True
    return False

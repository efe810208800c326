"""What Redis holds for a moment: values that nobody misses when they are gone.

Neither a render nor a page may wait for Redis or fail with it, so nothing here raises and nothing
takes longer than a second; while it is away it is left alone for some more.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from functools import cache
from typing import cast

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 1.0
AWAY_SECONDS = 10.0


class _Line:
    """One way to the Redis at *url*, left alone for a while after it failed."""

    def __init__(self, url: str) -> None:
        self._client = Redis.from_url(
            url,
            decode_responses=True,
            socket_timeout=PATIENCE_SECONDS,
            socket_connect_timeout=PATIENCE_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self._away_until = 0.0

    def keep(self, values: Mapping[str, str], seconds: int) -> None:
        if self._is_away() or not values:
            return
        try:
            with self._client.pipeline(transaction=False) as line:
                for key, value in values.items():
                    line.set(key, value, ex=seconds)
                line.execute()
        except RedisError as error:
            self._failed(error)

    def recall(self, keys: Sequence[str]) -> list[str | None]:
        if self._is_away() or not keys:
            return [None] * len(keys)
        try:
            return cast("list[str | None]", self._client.mget(keys))
        except RedisError as error:
            self._failed(error)
            return [None] * len(keys)

    def _is_away(self) -> bool:
        return time.monotonic() < self._away_until

    def _failed(self, error: RedisError) -> None:
        log.warning("Redis is away: %s", error)
        self._away_until = time.monotonic() + AWAY_SECONDS


@cache
def _line(url: str) -> _Line:
    return _Line(url)


def keep(values: Mapping[str, str], *, seconds: int) -> None:
    """Hold each value by its key for *seconds*, if Redis is there."""
    _line(settings.REDIS_URL).keep({_named(key): text for key, text in values.items()}, seconds)


def recall(keys: Sequence[str]) -> list[str | None]:
    """The values of *keys*, None for what is not held; one round trip."""
    return _line(settings.REDIS_URL).recall([_named(key) for key in keys])


def _named(key: str) -> str:
    return f"greenroom:ephemeral:{key}"

"""How often something may happen: a counter in Redis for each span of time.

A limiter that is away lets everything pass: it slows abuse down and guards nothing by itself.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

from django.core.cache import cache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Spent:
    """One count of a limit.

    Attributes:
        most: how many are allowed in a span.
        left: how many more; never below 0.
        resets_in: seconds until the next span.
        allowed: whether this one was within the limit.
    """

    most: int
    left: int
    resets_in: int
    allowed: bool


def tightest(*counts: Spent) -> Spent:
    """Of several limits on the same thing the one that ends it first."""
    return min(counts, key=lambda count: (count.allowed, count.left, count.most))


def spend(bucket: str, *, most: int, seconds: int) -> Spent:
    """Count one more in *bucket* in the current span of *seconds*."""
    now = int(time.time())
    resets_in = seconds - now % seconds
    key = f"limit:{bucket}:{now // seconds}"
    try:
        cache.add(key, 0, timeout=seconds * 2)
        count = cache.incr(key)
    except (RedisError, ValueError) as error:
        # Redis is away, or dropped the counter between the two calls.
        log.warning("The limit of %s could not be counted: %s", bucket, error)
        count = 1
    return Spent(most=most, left=max(0, most - count), resets_in=resets_in, allowed=count <= most)

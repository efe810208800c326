"""The last minutes of each key and person, counted in Redis; one round trip for each request.

Of each, five values that expire by themselves:

- ``networks``, ``starts``, ``pages``, ``clients``: sorted sets of what was seen, scored by when it
  was seen last, cut to the window and to ``MOST`` members. A member takes about 100 bytes (a client
  up to 220), so a key under attack holds 64 KB at most and a key at work less than 2 KB.
- ``pace``: a hash of counts of this and the last spell of ten minutes and of the busiest ones,
  which fades by a twentieth with each spell. About 200 bytes for 30 days.

Exact sets were chosen over HyperLogLog: the line is crossed at a handful, where an estimate is
no cheaper, and the pages of evidence name what was seen. No address is kept, only its network.
Redis being away lets everything pass: what guards a key then are its state and its limits.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from portal.leaks.scoring import AT_ONCE_SECONDS, WINDOW_SECONDS, Facts

log = logging.getLogger(__name__)

MOST = 96
PACE_SECONDS = 30 * 24 * 3600
SHOWN = 20
_PATIENCE_SECONDS = 0.5
_AWAY_SECONDS = 10.0
_SETS = ("networks", "starts", "pages", "clients")

_NOTE = """
local now, window, at_once, most = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])
local seen = {ARGV[6], ARGV[7], ARGV[8], ARGV[9]}
local spell = math.floor(now / window)
local told = {}
for subject = 0, 1 do
    for place = 1, 4 do
        local name = KEYS[subject * 5 + place]
        if seen[place] ~= '' then redis.call('ZADD', name, ARGV[1], seen[place]) end
        redis.call('ZREMRANGEBYSCORE', name, '-inf', now - window)
        redis.call('ZREMRANGEBYRANK', name, 0, -(most + 1))
        redis.call('EXPIRE', name, 2 * window)
        told[#told + 1] = redis.call('ZCARD', name)
    end
    told[#told + 1] = redis.call('ZCOUNT', KEYS[subject * 5 + 1], now - tonumber(at_once), '+inf')
    local name = KEYS[subject * 5 + 5]
    local had = redis.call('HMGET', name, 'spell', 'now', 'before', 'page', 'page_before', 'usual')
    local number = function(place) return tonumber(had[place]) or 0 end
    local known, usual = tonumber(had[1]) or spell, number(6)
    local count, before, page, page_before = number(2), number(3), number(4), number(5)
    if spell > known then
        usual = math.max(count, usual + (count - usual) / 20)
        if spell == known + 1 then before, page_before = count, page
        else before, page_before = 0, 0 end
        count, page = 0, 0
    end
    count = count + 1
    if seen[3] ~= '' then page = page + 1 end
    redis.call('HSET', name, 'spell', math.max(spell, known), 'now', count, 'before', before,
        'page', page, 'page_before', page_before, 'usual', usual)
    redis.call('EXPIRE', name, ARGV[5])
    local rest = 1 - (now % window) / window
    told[#told + 1] = count + math.floor(before * rest)
    told[#told + 1] = page + math.floor(page_before * rest)
    told[#told + 1] = math.floor(usual)
end
return told
"""


@dataclass(frozen=True, kw_only=True)
class Sighting:
    """One request with a key.

    Attributes:
        network: where it came from, "" when that is not known.
        client: the program, as it calls itself.
        page: the host of the page it came through, "" for ours and for none.
        starts: whether it asks for something to be made.
    """

    network: str
    client: str = ""
    page: str = ""
    starts: bool = False


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a page of evidence names, the latest first."""

    networks: Sequence[str] = ()
    clients: Sequence[str] = ()


class _Line:
    def __init__(self, url: str) -> None:
        self.client = Redis.from_url(
            url,
            decode_responses=True,
            socket_timeout=_PATIENCE_SECONDS,
            socket_connect_timeout=_PATIENCE_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self.script = self.client.register_script(_NOTE)
        self._away_until = 0.0

    @property
    def is_away(self) -> bool:
        return time.monotonic() < self._away_until

    def failed(self, error: RedisError) -> None:
        log.warning("Requests of keys could not be counted: %s", error)
        self._away_until = time.monotonic() + _AWAY_SECONDS


@cache
def _line(url: str) -> _Line:
    return _Line(url)


def note(*, key: int, person: int, sighting: Sighting, now: float) -> tuple[Facts, Facts]:
    """Count one request at *now* (seconds since 1970); the facts of the key and of the person."""
    line = _line(settings.REDIS_URL)
    if line.is_away:
        return Facts(), Facts()
    network = sighting.network
    arguments: list[Any] = [
        *(repr(now), WINDOW_SECONDS, AT_ONCE_SECONDS, MOST, PACE_SECONDS),
        network,
        network if sighting.starts else "",
        network if sighting.page else "",
        sighting.client,
    ]
    try:
        told = line.script(keys=[*_names("key", key), *_names("person", person)], args=arguments)
    except RedisError as error:
        line.failed(error)
        return Facts(), Facts()
    return _facts(told[:8]), _facts(told[8:])


def seen(*, key: int) -> Seen:
    """The networks and programs of the last minutes of *key*, at most ``SHOWN`` of each."""
    line = _line(settings.REDIS_URL)
    names = _names("key", key)
    try:
        with line.client.pipeline(transaction=False) as pipe:
            pipe.zrevrange(names[0], 0, SHOWN - 1)
            pipe.zrevrange(names[3], 0, SHOWN - 1)
            networks, clients = pipe.execute()
    except RedisError as error:
        line.failed(error)
        return Seen()
    return Seen(networks=networks, clients=clients)


def forget(*, key: int, person: int) -> None:
    """Drop what was seen of *key*, and the person's last minutes with it; their pace stays."""
    line = _line(settings.REDIS_URL)
    try:
        line.client.delete(*_names("key", key), *_names("person", person)[: len(_SETS)])
    except RedisError as error:
        line.failed(error)


def _names(kind: str, number: int) -> list[str]:
    return [f"greenroom:leaks:{kind}:{number}:{name}" for name in (*_SETS, "pace")]


def _facts(told: Sequence[int]) -> Facts:
    networks, starts, pages, clients, at_once, requests, page_requests, usual = told
    return Facts(
        networks=networks,
        networks_at_once=at_once,
        start_networks=starts,
        clients=clients,
        page_networks=pages,
        page_requests=page_requests,
        requests=requests,
        usual=usual,
    )

"""Rings twice: whatever anybody publishes to a queue is published once more, byte for byte."""

from __future__ import annotations

import json
import threading
from contextlib import suppress
from typing import Any

import redis

_QUEUES = ("gpu", "jobs")


class Echo:
    """Listens to what Redis is told, on a connection of its own, and repeats each message.

    Attributes:
        repeated: how many messages came twice.
        unreadable: how many could not be repeated.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._ended = threading.Event()
        self._seen: set[str] = set()
        self._thread = threading.Thread(target=self._run, name="echo", daemon=True)
        self.repeated = 0
        self.unreadable = 0

    def start(self) -> Echo:
        self._thread.start()
        return self

    def end(self) -> None:
        """Repeat nothing from here on; the thread ends with the process."""
        self._ended.set()

    def _run(self) -> None:
        while not self._ended.is_set():
            # Redis is stopped now and then.
            with suppress(redis.RedisError):
                self._listen()
            self._ended.wait(0.2)

    def _listen(self) -> None:
        client = redis.Redis.from_url(self._url)
        # Its types say nothing of this one.
        watched: Any = client
        with client, watched.monitor() as monitor:
            for told in monitor.listen():
                if self._ended.is_set():
                    return
                verb, _, rest = str(told["command"]).partition(" ")
                queue, _, payload = rest.partition(" ")
                if verb.upper() == "LPUSH" and queue in _QUEUES:
                    self._repeat(client, queue, payload)

    def _repeat(self, client: redis.Redis, queue: str, payload: str) -> None:
        try:
            tag = json.loads(payload)["properties"]["delivery_tag"]
        except (ValueError, KeyError):
            self.unreadable += 1
            return
        # The second one comes by here as well.
        if tag not in self._seen:
            self._seen.add(tag)
            client.lpush(queue, payload)
            self.repeated += 1

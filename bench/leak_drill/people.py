"""Artists at work and strangers with somebody's key, each from an address of their own.

Loopback addresses stand for networks: 127.*x*.*y*.1 lies in the /24 that is this person's alone.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random

ARTISTS_AT = 10
STRANGERS_AT = 50
PAGE = "https://free-clips.example"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
WISH = {"prompt": "a red boat on the sea", "seconds": "1"}
_PATIENCE_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Door:
    """Where the API answers."""

    host: str
    port: int


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One answer, and when it came (seconds since 1970); ``code`` is that of a refusal."""

    status: int
    code: str
    at: float


def network(place: int, number: int) -> str:
    """The address of person *number* of the kind that lives at *place*."""
    return f"127.{place + number // 250}.{number % 250}.1"


def ask(
    door: Door,
    key: str,
    *,
    address: str,
    wish: dict[str, str] | None = None,
    page: str = "",
) -> Answer:
    """One request: a clip when there is a *wish*, else a look at one's clips."""
    line = http.client.HTTPConnection(
        door.host, door.port, timeout=_PATIENCE_SECONDS, source_address=(address, 0)
    )
    headers = {"Authorization": f"Bearer {key}"}
    if page:
        headers |= {"Origin": page, "Referer": f"{page}/", "User-Agent": BROWSER}
    else:
        headers |= {"User-Agent": "OpenAI/Python 2.8.0"}
    try:
        if wish is None:
            line.request("GET", "/v1/videos?limit=5", headers=headers)
        else:
            body = json.dumps(wish)
            line.request(
                "POST", "/v1/videos", body, {**headers, "Content-Type": "application/json"}
            )
        response = line.getresponse()
        text = response.read()
    finally:
        line.close()
    code = "" if response.status < 400 else json.loads(text)["error"]["code"]
    return Answer(status=response.status, code=code, at=time.time())


@dataclass(kw_only=True)
class Artists:
    """Work as usual in threads of their own until told to end; every fifth request asks for a clip.

    Attributes:
        requests: how many were made.
        refused: how many were answered with anything but success, by code.
    """

    door: Door
    keys: Sequence[str]
    wish: dict[str, str]
    pause: float
    requests: int = 0
    refused: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._work, args=(number, key), daemon=True)
            for number, key in enumerate(self.keys)
        ]

    def start(self) -> Artists:
        for thread in self._threads:
            thread.start()
        return self

    def end(self) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _work(self, number: int, key: str) -> None:
        rng = Random(number)
        address = network(ARTISTS_AT, number)
        # Not all in the same moment.
        self._ended.wait(rng.random() * self.pause)
        while True:
            wish = self.wish if rng.random() < 0.2 else None
            try:
                answer = ask(self.door, key, address=address, wish=wish)
                problem = answer.code or ("" if answer.status < 400 else str(answer.status))
            except (OSError, http.client.HTTPException, ValueError) as error:
                problem = type(error).__name__
            with self._lock:
                self.requests += 1
                if problem:
                    self.refused[problem] += 1
            if self._ended.wait(self.pause * (0.5 + rng.random())):
                return


@dataclass(kw_only=True)
class Strangers:
    """Everybody who found the page asks for one clip, a few at a time.

    Attributes:
        began: when the first request left, seconds since 1970.
        answers: one a stranger, in the order in which they came.
    """

    door: Door
    key: str
    count: int
    wish: dict[str, str]
    at_a_time: int = 12
    began: float = 0.0
    answers: list[Answer] = field(default_factory=list)

    def rush(self) -> None:
        self.began = time.time()
        with ThreadPoolExecutor(self.at_a_time) as pool:
            found = pool.map(self._ask, range(self.count))
            self.answers = sorted(found, key=lambda answer: answer.at)

    @property
    def served(self) -> int:
        """How many got what they asked for."""
        return sum(answer.status < 400 for answer in self.answers)

    @property
    def refused(self) -> Counter[str]:
        return Counter(answer.code for answer in self.answers if answer.status >= 400)

    @property
    def frozen_after(self) -> float | None:
        """Seconds from the first request to the first that heard of the freeze."""
        heard = [answer.at for answer in self.answers if answer.code == "key_frozen"]
        return heard[0] - self.began if heard else None

    def _ask(self, number: int) -> Answer:
        address = network(STRANGERS_AT, number)
        return ask(self.door, self.key, address=address, wish=self.wish, page=PAGE)

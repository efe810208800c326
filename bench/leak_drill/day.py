"""A day of ordinary use, replayed through the real detector with a clock that is told the time.

Every request goes where the API's go: ``window.note`` and ``suspect``, with the default line.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from portal.leaks import window
from portal.leaks.scoring import LINE
from portal.leaks.window import Sighting
from portal.services.leaks import suspect

MORNING = 1_800_000_000.0
MINUTE, HOUR = 60.0, 3600.0
SCRIPT, BROWSER = "OpenAI/Python 2.8.0", "Mozilla/5.0 (Macintosh)"


@dataclass(frozen=True, kw_only=True)
class Use:
    """One request: when (seconds since 1970), with whose key, from where and how."""

    at: float
    person: int
    key: int
    sighting: Sighting


Habit = Callable[[Random, int], Iterator[Use]]


def working(
    rng: Random,
    person: int,
    *,
    begin: float,
    end: float,
    networks: tuple[str, ...],
    pause: float,
    client: str = SCRIPT,
    page: str = "",
) -> Iterator[Use]:
    """A clip now and then, and a look at it every few seconds, *pause* apart on average."""
    at = begin
    while at < end:
        sighting = Sighting(
            network=rng.choice(networks), client=client, page=page, starts=rng.random() < 0.1
        )
        yield Use(at=at, person=person, key=person, sighting=sighting)
        at += rng.expovariate(1 / pause)


def traveller(rng: Random, person: int) -> Iterator[Use]:
    """Home, phone, airport, aeroplane, airport, phone, hotel, café: one after the other."""
    at = MORNING + rng.random() * HOUR
    for stage in range(8):
        stay = (20 + 60 * rng.random()) * MINUTE
        networks = (f"10.{person}.{stage}.0/24",)
        client = BROWSER if stage % 2 else SCRIPT
        yield from working(
            rng, person, begin=at, end=at + stay, networks=networks, pause=8, client=client
        )
        at += stay + 3 * MINUTE * rng.random()


def on_the_move(rng: Random, person: int) -> Iterator[Use]:
    """A train with a phone: another network of the operator every few minutes, and Wi-Fi."""
    at = MORNING + rng.random() * HOUR
    for stage in range(60):
        stay = (2 + 5 * rng.random()) * MINUTE
        phone, train = f"10.{person}.{stage % 40}.0/24", f"10.{person}.200.0/24"
        # Two ways out at once while one hands over to the other.
        yield from working(rng, person, begin=at, end=at + stay, networks=(phone, train), pause=6)
        at += stay


def studio(rng: Random, person: int) -> Iterator[Use]:
    """Twelve machines behind one address, each with its own program, all with one key."""
    for machine in range(12):
        yield from working(
            rng,
            person,
            begin=MORNING,
            end=MORNING + 9 * HOUR,
            networks=(f"10.{person}.0.0/24",),
            pause=30,
            client=f"{SCRIPT} studio-{machine}",
        )


def downloads(rng: Random, person: int) -> Iterator[Use]:
    """A script that wakes up every hour and fetches with twenty connections at a time."""
    for hour in range(10):
        at = MORNING + hour * HOUR
        for _file in range(60):
            for _connection in range(20):
                sighting = Sighting(network=f"10.{person}.0.0/24", client=SCRIPT)
                yield Use(at=at + rng.random() / 10, person=person, key=person, sighting=sighting)
            at += 2


def own_page(rng: Random, person: int) -> Iterator[Use]:
    """A page on the artist's own machine, shown to one friend."""
    yield from working(
        rng,
        person,
        begin=MORNING,
        end=MORNING + 4 * HOUR,
        networks=(f"10.{person}.0.0/24", f"10.{person}.1.0/24"),
        pause=10,
        client=BROWSER,
        page="localhost:3000",
    )


HABITS: dict[str, Habit] = {
    "travelling artist": traveller,
    "mobile network changes": on_the_move,
    "studio behind one address": studio,
    "script with 20 parallel downloads": downloads,
    "page on the artist's own machine": own_page,
}


def false_alarms(*, seed: int, share: float = 1.0, first_person: int = 1) -> dict[str, list[float]]:
    """The scores at which each habit's keys would have been frozen; none is as it should be.

    Args:
        share: of the requests that are replayed, chosen by chance.
        first_person: number of the first person; their keys have the same numbers, and nobody
            real may have either.
    """
    rng = Random(seed)
    people = dict(enumerate(HABITS, start=first_person))
    days = [HABITS[name](Random(rng.random()), person) for person, name in people.items()]
    alarms: dict[str, list[float]] = {name: [] for name in HABITS}
    # Habits tell their own requests in any order; the detector hears them as time passes.
    for use in heapq.merge(*(sorted(day, key=_when) for day in days), key=_when):
        if share < 1 and rng.random() > share:
            continue
        own, of_person = window.note(
            key=use.key, person=use.person, sighting=use.sighting, now=use.at
        )
        suspicion = suspect(own, of_person, line=LINE)
        if suspicion is not None:
            alarms[people[use.person]].append(suspicion.verdict.score)
    return alarms


def _when(use: Use) -> float:
    return use.at

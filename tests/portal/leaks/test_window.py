"""The counters: windows that slide, sets that stay small, a history that fades."""

from __future__ import annotations

import uuid

import pytest
from django.conf import settings
from redis import Redis

from portal.leaks import window
from portal.leaks.scoring import WINDOW_SECONDS, Facts
from portal.leaks.window import Sighting

pytestmark = pytest.mark.django_db

NOON = 1_800_000_000.0


@pytest.fixture
def number() -> int:
    """Nobody's."""
    return uuid.uuid4().int % 2**40


def use(number: int, network: str, *, at: float, key: int = 0, **how: object) -> Facts:
    sighting = Sighting(network=network, **how)  # type: ignore[arg-type]
    return window.note(key=key or number, person=number, sighting=sighting, now=NOON + at)[0]


def test_it_counts_what_differs(number: int) -> None:
    use(number, "10.0.0.0/24", at=0, client="a", starts=True)
    use(number, "10.0.1.0/24", at=1, client="a", page="x.example")
    found = use(number, "10.0.0.0/24", at=2, client="b")
    assert found == Facts(
        networks=2,
        networks_at_once=2,
        start_networks=1,
        clients=2,
        page_networks=1,
        page_requests=1,
        requests=3,
        usual=0,
    )


def test_what_is_past_the_window_counts_no_more(number: int) -> None:
    use(number, "10.0.0.0/24", at=0, client="a", page="x.example", starts=True)
    later = use(number, "10.0.1.0/24", at=WINDOW_SECONDS - 1, client="b")
    assert (later.networks, later.networks_at_once, later.clients) == (2, 1, 2)
    after = use(number, "10.0.1.0/24", at=WINDOW_SECONDS + 1, client="b")
    assert (after.networks, after.start_networks, after.page_networks) == (1, 0, 0)


def test_the_busiest_time_is_remembered_and_fades(number: int) -> None:
    for second in range(40):
        use(number, "10.0.0.0/24", at=second)
    next_day = use(number, "10.0.0.0/24", at=24 * 3600)
    assert (next_day.requests, next_day.usual) == (1, 40)
    day_after = use(number, "10.0.0.0/24", at=48 * 3600)
    # A twentieth of the way from 40 to the one request of yesterday.
    assert day_after.usual == 38


def test_the_last_spell_counts_for_what_is_left_of_it(number: int) -> None:
    for second in range(100):
        use(number, "10.0.0.0/24", at=second)
    assert use(number, "10.0.0.0/24", at=WINDOW_SECONDS * 1.5).requests == 51


def test_a_person_is_all_their_keys(number: int) -> None:
    use(number, "10.0.0.0/24", at=0, key=number + 1)
    sighting = Sighting(network="10.0.1.0/24")
    own, of_person = window.note(key=number + 2, person=number, sighting=sighting, now=NOON + 1)
    assert (own.networks, of_person.networks) == (1, 2)


def test_a_key_under_attack_stays_small_and_everything_expires(number: int) -> None:
    for place in range(window.MOST + 50):
        found = use(
            number,
            f"10.{place // 256}.{place % 256}.0/24",
            at=place / 10,
            client=f"{place:03}" * 40,
            page="x.example",
            starts=True,
        )
    assert (found.networks, found.clients) == (window.MOST, window.MOST)
    with Redis.from_url(settings.REDIS_URL) as client:
        names = list(client.scan_iter(f"greenroom:leaks:key:{number}:*"))
        assert len(names) == 5, names
        assert all(client.ttl(name) > 0 for name in names)
        assert sum(client.memory_usage(name) or 0 for name in names) < 64_000


def test_what_was_seen_is_named_and_forgotten(number: int) -> None:
    use(number, "10.0.0.0/24", at=0, client="a")
    use(number, "10.0.1.0/24", at=1, client="b")
    seen = window.seen(key=number)
    assert (seen.networks, seen.clients) == (["10.0.1.0/24", "10.0.0.0/24"], ["b", "a"])
    window.forget(key=number, person=number)
    assert window.seen(key=number) == window.Seen(networks=[], clients=[])
    assert use(number, "10.0.2.0/24", at=2).networks == 1


def test_a_request_from_nowhere_known_is_no_network(number: int) -> None:
    assert use(number, "", at=0).networks == 0

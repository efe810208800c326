from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.scheduling import (
    Forecast,
    Group,
    Machine,
    Outlook,
    Queue,
    Reason,
    Waiting,
    forecast,
)
from tests.generation.scheduling.world import Account, World

unhurried = settings(max_examples=40, deadline=None, derandomize=True)

MODELS = ["a", "b", "c"]
LOAD = Decimal(60)
weights = st.sampled_from([1, 2, 4, 5])
deltas = st.sampled_from([Decimal(0), Decimal(20), LOAD])
clips = st.tuples(st.sampled_from(MODELS), st.integers(1, 90).map(Decimal))
machines = st.lists(
    st.builds(
        Machine,
        models=st.just(frozenset(MODELS)),
        model=st.sampled_from(["", *MODELS]),
        left=st.integers(0, 120).map(Decimal),
    ),
    min_size=1,
    max_size=3,
)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Two cohorts, up to five accounts somewhere in the middle of their lives."""
    virtual = st.integers(0, 200).map(Decimal)
    accounts = [
        Account(
            group=draw(st.integers(0, 1)),
            weight=draw(weights),
            vtime=draw(virtual),
            skips=draw(st.integers(0, 4)),
            waiting=draw(st.lists(clips, max_size=6)),
        )
        for _ in range(draw(st.integers(1, 5)))
    ]
    groups = {
        key: Group(vtime=draw(virtual), weight=draw(weights), clock=draw(virtual)) for key in (0, 1)
    }
    return World(accounts=accounts, groups=groups, clock=draw(virtual))


def queues_of(world: World) -> list[Queue]:
    """The accounts of *world*; the third of its waiting clips is ``"2.0"`` when 2 is its account.

    Asked in the order of the accounts, as the world's own list of heads has them.
    """
    return [
        Queue(
            account=key,
            artist=key,
            group=account.group,
            vtime=account.vtime,
            weight=account.weight,
            skips=account.skips,
            clips=[
                Waiting(
                    key=f"{key}.{number}",
                    model=model,
                    shape=model,
                    estimate=seconds,
                    asked=key * 100 + number,
                )
                for number, (model, seconds) in enumerate(account.waiting)
            ],
        )
        for key, account in enumerate(world.accounts)
        if account.waiting
    ]


def foreseen(
    world: World, workers: Sequence[Machine], delta: Decimal, claims: int = 200
) -> Forecast:
    return forecast(
        queues_of(world),
        world.groups,
        workers,
        clock=world.clock,
        delta=delta,
        load=LOAD,
        claims=claims,
    )


def served(world: World, workers: Sequence[Machine], delta: Decimal) -> list[tuple[str, Decimal]]:
    """What the policy really serves, and after how many seconds; empties the world."""
    begun = [0] * len(world.accounts)
    warm = [machine.model for machine in workers]
    ends = [(machine.left, number) for number, machine in enumerate(workers)]
    heapq.heapify(ends)
    order = []
    while ends:
        now, number = heapq.heappop(ends)
        choice = world.claim(warm=warm[number], delta=delta)
        if choice is None:
            continue
        head = choice.head
        order.append((f"{head.account}.{begun[head.account]}", now))
        begun[head.account] += 1
        loads = LOAD if head.model != warm[number] else Decimal(0)
        warm[number] = head.model
        heapq.heappush(ends, (now + loads + head.estimate, number))
    return order


@unhurried
@given(here=worlds(), workers=machines, delta=deltas)
def test_what_is_foreseen_is_what_the_policy_serves(
    here: World, workers: list[Machine], delta: Decimal
) -> None:
    told = foreseen(here, workers, delta)
    order = served(here, workers, delta)

    assert [(start.key, start.seconds) for start in told.starts] == order
    for before, (key, seconds) in enumerate(order):
        account = key.partition(".")[0]
        earlier = [other.partition(".")[0] for other, _at in order[:before]]
        outlook = told.outlooks[key]
        assert (outlook.before, outlook.seconds, outlook.at_least) == (before, seconds, False)
        assert outlook.own == earlier.count(account)
        assert outlook.artists == len(set(earlier) - {account})
    assert told.outlooks.keys() == {key for key, _seconds in order}


@unhurried
@given(here=worlds(), workers=machines, delta=deltas)
def test_within_an_account_one_waits_longer_than_the_one_before(
    here: World, workers: list[Machine], delta: Decimal
) -> None:
    told = foreseen(here, workers, delta, claims=5)

    for queue in queues_of(here):
        mine = [told.outlooks[clip.key] for clip in queue.clips]
        for outlook in mine:
            assert outlook.seconds is not None
            assert outlook.seconds >= 0
            assert outlook.before >= outlook.own + outlook.artists
        for one, next_one in pairwise(mine):
            assert (one.before, one.own) < (next_one.before, next_one.own)
            assert one.seconds is not None
            assert next_one.seconds is not None
            assert one.seconds <= next_one.seconds


@unhurried
@given(here=worlds(), workers=machines, delta=deltas, claims=st.integers(0, 8))
def test_more_than_is_never_more_than_the_truth(
    here: World, workers: list[Machine], delta: Decimal, claims: int
) -> None:
    whole = foreseen(here, workers, delta)
    part = foreseen(here, workers, delta, claims=claims)

    assert part.starts == whole.starts[:claims]
    for key, true in whole.outlooks.items():
        told = part.outlooks[key]
        if not told.at_least:
            assert told == true
            continue
        assert told.seconds is not None
        assert true.seconds is not None
        assert told.seconds <= true.seconds
        assert told.before <= true.before
        assert told.own == true.own
        assert told.artists <= true.artists


def queue(account: int = 1, *clips: Waiting, **changes: object) -> Queue:
    values = {
        "account": account,
        "artist": account,
        "group": 0,
        "vtime": Decimal(0),
        "weight": 1,
        "skips": 0,
        "clips": clips,
    }
    return Queue(**{**values, **changes})  # type: ignore[arg-type]


def waiting(key: str = "mine", *, model: str = "a", seconds: int = 10, asked: int = 0) -> Waiting:
    return Waiting(key=key, model=model, shape=model, estimate=Decimal(seconds), asked=asked)


def ahead(queues: Sequence[Queue], *workers: Machine, claims: int = 200) -> dict[str, Outlook]:
    groups = {0: Group(vtime=Decimal(0), weight=1, clock=Decimal(0))}
    told = forecast(queues, groups, workers, clock=Decimal(0), load=LOAD, claims=claims)
    return dict(told.outlooks)


def worker(model: str = "a", left: int = 0, **changes: object) -> Machine:
    values = {"models": frozenset("ab"), "model": model, "left": Decimal(left)}
    return Machine(**{**values, **changes})  # type: ignore[arg-type]


def outlook(before: int, own: int, artists: int, seconds: int | None, *reasons: Reason) -> Outlook:
    return Outlook(
        before=before,
        own=own,
        artists=artists,
        seconds=None if seconds is None else Decimal(seconds),
        at_least=False,
        reasons=reasons,
    )


def test_the_next_clip_of_a_free_worker_begins_now() -> None:
    assert ahead([queue(1, waiting())], worker()) == {"mine": outlook(0, 0, 0, 0, Reason.NEXT)}


def test_others_come_first_and_another_model_is_loaded() -> None:
    theirs = [queue(key, waiting(f"{key}", asked=key)) for key in (2, 3)]
    mine = queue(1, waiting(model="b", asked=9))

    told = ahead([mine, *theirs], worker(left=5), worker(left=1000, models=frozenset()))

    assert told["mine"] == outlook(2, 0, 2, 25, Reason.QUEUE, Reason.OTHER_MODEL)


def test_a_worker_counts_what_clips_take_on_it() -> None:
    fast = worker(costs={"a": Decimal(2)})

    told = ahead([queue(1, waiting("first"), waiting("second"))], fast)

    assert told["second"] == outlook(1, 1, 0, 2, Reason.QUEUE)


def test_an_artist_at_their_limit_waits_for_their_own() -> None:
    mine = queue(1, waiting(), running=1, limit=1)
    theirs = queue(2, waiting("theirs", asked=5), waiting("last", asked=6))

    told = ahead([mine, theirs], worker(), worker(left=30, accounts=[1]))

    assert told["mine"] == outlook(2, 0, 1, 30, Reason.QUEUE, Reason.ARTIST_LIMIT)
    assert [told[key].seconds for key in ("theirs", "last")] == [0, 10]


def test_nobody_knows_when_a_pause_or_a_missing_model_ends() -> None:
    paused = replace(waiting("paused"), paused=True)
    mine = queue(1, paused, waiting("unknown", model="z"), waiting("next"))

    assert ahead([mine], worker()) == {
        "paused": outlook(0, 0, 0, None, Reason.PAUSED),
        "unknown": outlook(0, 0, 0, None, Reason.NO_MODEL),
        "next": outlook(0, 0, 0, 0, Reason.NEXT),
    }


@pytest.mark.parametrize("resting", [True, False])
def test_with_no_worker_the_order_is_told_and_no_time(resting: bool) -> None:
    theirs = queue(2, waiting("theirs", asked=-1))
    workers = [worker(left=3, models=frozenset())] if resting else []

    told = ahead([queue(1, waiting()), theirs], *workers)

    assert told["mine"] == outlook(1, 0, 1, None, Reason.NO_WORKER)
    assert told["theirs"] == outlook(0, 0, 0, None, Reason.NO_WORKER)


def test_clips_beyond_those_listed_are_taken_to_be_like_the_last() -> None:
    dumper = queue(2, waiting("theirs", asked=-1), more=True)

    told = ahead([queue(1, waiting(), vtime=Decimal(25)), dumper], worker())

    assert told["mine"] == outlook(3, 0, 1, 30, Reason.QUEUE)


def test_beyond_the_bound_it_is_more_than() -> None:
    mine = queue(1, *(waiting(f"{number}", asked=number) for number in range(6)))

    told = ahead([mine], worker(), worker(), claims=2)

    assert [told[str(number)].seconds for number in range(6)] == [0, 0, 0, 0, 5, 10]
    assert told["5"] == replace(outlook(5, 5, 0, 10, Reason.QUEUE), at_least=True)

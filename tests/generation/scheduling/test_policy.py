from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from generation.scheduling import SKIPS, Group, Head, choose, may_give_way
from tests.generation.scheduling.world import Account, World

MODELS = ["a", "b", "c"]
LONGEST = Decimal(90)

unhurried = settings(max_examples=50, deadline=None, derandomize=True)

# Divisors of a power of ten, so that a charge divided by a weight loses no digit.
weights = st.sampled_from([1, 2, 4, 5])
models = st.sampled_from(MODELS)
seconds = st.integers(1, int(LONGEST)).map(Decimal)
deltas = st.sampled_from([Decimal(0), Decimal(20), Decimal(60)])
clips = st.tuples(models, seconds)


def world(accounts: list[Account], *, cohorts: dict[int, int] | None = None) -> World:
    return World(
        accounts=accounts,
        groups={
            key: Group(vtime=Decimal(0), weight=weight, clock=Decimal(0))
            for key, weight in (cohorts or {0: 1}).items()
        },
    )


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Two cohorts, up to six accounts, each with some clips."""
    accounts = [
        Account(
            group=draw(st.integers(0, 1)),
            weight=draw(weights),
            waiting=draw(st.lists(clips, max_size=5)),
        )
        for _ in range(draw(st.integers(1, 6)))
    ]
    return world(accounts, cohorts={0: draw(weights), 1: draw(weights)})


def head(account: int, *, model: str = "a", vtime: int = 0, skips: int = 0, group: int = 0) -> Head:
    return Head(
        account=account,
        group=group,
        model=model,
        estimate=Decimal(10),
        vtime=Decimal(vtime),
        weight=1,
        skips=skips,
    )


def chosen(
    heads: list[Head], *, warm: Collection[str] = (), delta: int = 0, clock: int = 0
) -> int | None:
    groups = {one.group: Group(vtime=Decimal(0), weight=1, clock=Decimal(clock)) for one in heads}
    choice = choose(heads, groups, clock=Decimal(0), warm=frozenset(warm), delta=Decimal(delta))
    return choice.head.account if choice else None


@unhurried
@given(here=worlds(), warm=models, delta=deltas)
def test_a_worker_idles_only_when_nothing_waits(here: World, warm: str, delta: Decimal) -> None:
    waiting = sum(len(account.waiting) for account in here.accounts)

    claimed = 0
    while here.claim(warm=warm, delta=delta) is not None:
        claimed += 1

    assert claimed == waiting


def test_the_account_charged_least_is_next_and_of_equals_the_first() -> None:
    assert chosen([head(1, vtime=30), head(2, vtime=10), head(3, vtime=10)]) == 2


def test_an_account_that_paused_comes_back_beside_the_others_not_ahead() -> None:
    here = world([Account(group=0, waiting=[("a", Decimal(10))] * 100), Account(group=0)])
    for _ in range(50):
        here.claim()

    here.accounts[1].waiting = [("a", Decimal(10))] * 50
    served = Counter(choice.head.account for _ in range(20) if (choice := here.claim()))

    assert served == {0: 10, 1: 10}


def test_a_warm_worker_stays_with_its_model_within_delta() -> None:
    heads = [head(1, model="a"), head(2, model="b", vtime=60), head(3, model="b", vtime=61)]

    assert chosen(heads, warm="b", delta=60) == 2
    assert chosen(heads, warm="b", delta=59) == 1
    assert chosen(heads, warm="c", delta=60) == 1
    assert chosen(heads, warm="", delta=60) == 1
    assert chosen(heads, warm=["c", "b"], delta=60) == 2


def test_a_head_that_gave_way_four_times_is_next_whatever_is_warm() -> None:
    assert chosen([head(1, skips=SKIPS), head(2, model="b")], warm="b", delta=60) == 1
    assert chosen([head(1, skips=SKIPS - 1), head(2, model="b")], warm="b", delta=60) == 2


def test_priority_between_cohorts_is_by_their_own_virtual_time() -> None:
    """Forty artists in one cohort do not outweigh two in another."""
    here = world(
        [
            *(Account(group=0, waiting=[("a", Decimal(10))] * 50) for _ in range(10)),
            Account(group=1, waiting=[("a", Decimal(10))] * 50),
        ],
        cohorts={0: 1, 1: 1},
    )

    served = Counter(choice.head.group for _ in range(80) if (choice := here.claim()))

    assert served == {0: 40, 1: 40}


def test_weights_of_accounts_and_of_cohorts_are_honoured() -> None:
    many = [("a", Decimal(10))] * 200
    here = world(
        [
            Account(group=0, weight=3, waiting=list(many)),
            Account(group=0, weight=1, waiting=list(many)),
            Account(group=1, waiting=list(many)),
        ],
        cohorts={0: 4, 1: 1},
    )

    served = Counter(choice.head.account for _ in range(100) if (choice := here.claim()))

    assert served == {0: 60, 1: 20, 2: 20}


@unhurried
@given(data=st.data(), delta=deltas)
def test_two_that_always_wait_get_alike_by_weight(data: st.DataObject, delta: Decimal) -> None:
    """Over every interval, within Goyal's bound and what affinity adds; others come and go."""
    first, second = (Account(group=0, weight=data.draw(weights)) for _ in range(2))
    others = [Account(group=group) for group in (0, 0, 1)]
    here = world([first, second, *others], cohorts={0: data.draw(weights), 1: 1})
    got = [Decimal(0), Decimal(0)]
    ahead = [Decimal(0)]
    for _ in range(60):
        for always in (first, second):
            if not always.waiting:
                always.waiting.append(data.draw(clips))
        if data.draw(st.booleans()):
            data.draw(st.sampled_from(others)).waiting.append(data.draw(clips))
        choice = here.claim(warm=data.draw(models), delta=delta)
        assert choice is not None
        if choice.head.account < 2:
            got[choice.head.account] += choice.head.estimate / choice.head.weight
        ahead.append(got[0] - got[1])

    bound = LONGEST / first.weight + LONGEST / second.weight + 2 * delta
    assert max(ahead) - min(ahead) <= bound


@unhurried
@given(data=st.data(), delta=deltas)
def test_two_cohorts_that_always_wait_get_alike_by_weight(
    data: st.DataObject, delta: Decimal
) -> None:
    shares = {0: data.draw(weights), 1: data.draw(weights)}
    accounts = [Account(group=group) for group in (0, 0, 0, 1)]
    here = world(accounts, cohorts=shares)
    got = [Decimal(0), Decimal(0)]
    ahead = [Decimal(0)]
    for _ in range(60):
        for group in shares:
            members = [account for account in accounts if account.group == group]
            if not any(account.waiting for account in members):
                data.draw(st.sampled_from(members)).waiting.append(data.draw(clips))
        choice = here.claim(warm=data.draw(models), delta=delta)
        assert choice is not None
        got[choice.head.group] += choice.head.estimate / shares[choice.head.group]
        ahead.append(got[0] - got[1])

    bound = LONGEST / shares[0] + LONGEST / shares[1] + 2 * delta
    assert max(ahead) - min(ahead) <= bound


@unhurried
@given(data=st.data(), delta=deltas)
def test_nobody_starves(data: st.DataObject, delta: Decimal) -> None:
    """Each other account is served at most until it is *delta* ahead, and once more."""
    mine = Account(group=0, weight=data.draw(weights), waiting=[data.draw(clips)])
    others = [Account(group=0, weight=data.draw(weights)) for _ in range(4)]
    here = world([*others, mine])
    least = Decimal(5)
    most = sum(delta * other.weight // least + 1 for other in others)
    before = 0
    while True:
        for other in others:
            if not other.waiting:
                other.waiting.append(
                    (data.draw(models), data.draw(st.integers(int(least), 90).map(Decimal)))
                )
        choice = here.claim(warm=data.draw(models), delta=delta)
        assert choice is not None
        if choice.head.account == len(others):
            break
        before += 1
        assert before <= most


@unhurried
@given(here=worlds(), data=st.data())
def test_a_head_gives_way_four_times_at_most_and_only_within_delta(
    here: World, data: st.DataObject
) -> None:
    gave_way: Counter[int] = Counter()
    delta = data.draw(deltas)
    while (choice := here.claim(warm=data.draw(models), delta=delta)) is not None:
        gave_way[choice.head.account] = 0
        if choice.passed is not None:
            gave_way[choice.passed.account] += 1
            assert choice.head.model != choice.passed.model
        assert max(gave_way.values()) <= SKIPS


@unhurried
@given(here=worlds(), data=st.data())
def test_what_is_charged_is_what_was_recorded(here: World, data: st.DataObject) -> None:
    """After any order of claims, ends with other times than estimated, and faults."""
    running: list[Head] = []
    for _ in range(40):
        act = data.draw(st.sampled_from(["ask", "claim", "end", "fault"]))
        if act == "ask":
            data.draw(st.sampled_from(here.accounts)).waiting.append(data.draw(clips))
        elif act == "claim":
            choice = here.claim(warm=data.draw(models), delta=data.draw(deltas))
            running += [choice.head] if choice else []
        elif running:
            over = running.pop(data.draw(st.integers(0, len(running) - 1)))
            here.end(over, Decimal(0) if act == "fault" else data.draw(seconds))

    for account in here.accounts:
        assert (account.vtime - account.lifted) * account.weight == account.recorded
        assert account.recorded >= 0
        assert account.lifted >= 0


@unhurried
@given(here=worlds(), data=st.data(), delta=deltas)
def test_who_stands_first_suffices_when_nobody_may_go_first(
    here: World, data: st.DataObject, delta: Decimal
) -> None:
    """The accounts not ahead of their cohort's clock, and of the others those charged least."""
    for key, group in here.groups.items():
        here.groups[key] = replace(group, clock=data.draw(deltas), vtime=data.draw(deltas))
    for account in here.accounts:
        account.vtime, account.skips = data.draw(deltas), data.draw(st.integers(0, SKIPS))
    heads = here.heads()
    warm = frozenset(data.draw(st.sets(models)))
    ahead = [one for one in heads if one.vtime > here.groups[one.group].clock]
    least = {
        group: min(one.vtime for one in ahead if one.group == group)
        for group in {one.group for one in ahead}
    }
    first = [one for one in heads if one not in ahead or one.vtime == least[one.group]]

    turn = choose(first, here.groups, clock=Decimal(0), warm=warm, delta=delta)
    assert (turn is None) == (not heads)
    if turn is None or may_give_way(turn.head, warm):
        return
    assert turn == choose(heads, here.groups, clock=Decimal(0), warm=warm, delta=delta)

from __future__ import annotations

from collections import Counter
from decimal import ROUND_DOWN, Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from generation.scheduling import Head, choose, split
from tests.generation.scheduling.test_policy import (
    LONGEST,
    clips,
    deltas,
    models,
    seconds,
    unhurried,
    weights,
    world,
    worlds,
)
from tests.generation.scheduling.world import Account, World

sizes = st.integers(1, 5)


def clip(model: str = "a", estimate: int = 10) -> tuple[str, Decimal]:
    return (model, Decimal(estimate))


def together(here: World, *, most: int = 4, limit: int = 99, delta: int = 60) -> list[int]:
    return [
        choice.head.account
        for choice in here.claim_together(most=most, limit=limit, delta=Decimal(delta))
    ]


def test_companions_are_taken_as_if_each_were_claimed() -> None:
    here = world([Account(group=0, waiting=[clip()] * 4), Account(group=0, waiting=[clip()] * 4)])

    assert together(here) == [0, 1, 0, 1]
    assert [account.vtime for account in here.accounts] == [20, 20]
    assert here.groups[0].vtime == 40


def test_a_companion_passes_somebody_by_delta_at_most() -> None:
    """The other's clip is next after the leader; the second companion would be 60 behind it."""
    accounts = [
        Account(group=0, waiting=[clip(estimate=30)] * 3),
        Account(group=0, waiting=[clip("b")]),
    ]

    assert together(world(accounts), delta=59) == [0, 0]


def test_nobody_is_passed_when_all_want_the_same() -> None:
    accounts = [Account(group=0, waiting=[clip(estimate=90)] * 4)]

    assert together(world(accounts), delta=0) == [0, 0, 0, 0]


def test_an_artists_own_clips_do_not_overtake_each_other() -> None:
    accounts = [
        Account(group=0, waiting=[clip(), clip("b"), clip()]),
        Account(group=0, waiting=[clip("b"), clip()]),
    ]

    assert together(world(accounts)) == [0]


def test_one_account_never_has_more_than_its_limit() -> None:
    accounts = [Account(group=0, waiting=[clip()] * 4), Account(group=0, waiting=[clip()])]

    assert together(world(accounts), limit=2) == [0, 1, 0]


def test_who_comes_back_and_joins_is_neither_ahead_nor_behind() -> None:
    here = world([Account(group=0, waiting=[clip()] * 60), Account(group=0)])
    for _ in range(20):
        here.claim()
    here.accounts[1].waiting = [clip()] * 8

    served = Counter(account for _ in range(4) for account in together(here))

    assert served == {0: 8, 1: 8}


@unhurried
@given(here=worlds(), most=sizes, limit=sizes, warm=models, delta=deltas)
def test_a_batch_is_led_by_whose_turn_it_is_and_keeps_to_its_bounds(
    here: World, most: int, limit: int, warm: str, delta: Decimal
) -> None:
    while heads := here.heads():
        alone = choose(heads, here.groups, clock=here.clock, warm=frozenset([warm]), delta=delta)
        wanted = {key: list(account.waiting) for key, account in enumerate(here.accounts)}

        batch = here.claim_together(most=most, limit=limit, warm=warm, delta=delta)

        assert batch[0] == alone
        assert len(batch) <= most
        taken = Counter(choice.head.account for choice in batch)
        assert max(taken.values()) <= limit
        for account, count in taken.items():
            own = [choice.head.estimate for choice in batch if choice.head.account == account]
            first = wanted[account][:count]
            assert first == [(batch[0].head.model, estimate) for estimate in own]
        assert all(choice.passed is None for choice in batch[1:])


@unhurried
@given(here=worlds(), data=st.data())
def test_what_batches_are_charged_is_what_was_recorded(here: World, data: st.DataObject) -> None:
    running: list[Head] = []
    for _ in range(30):
        act = data.draw(st.sampled_from(["ask", "claim", "end", "fault"]))
        if act == "ask":
            data.draw(st.sampled_from(here.accounts)).waiting.append(data.draw(clips))
        elif act == "claim":
            batch = here.claim_together(
                most=data.draw(sizes), warm=data.draw(models), delta=data.draw(deltas)
            )
            running += [choice.head for choice in batch]
        elif running:
            over = running.pop(data.draw(st.integers(0, len(running) - 1)))
            here.end(over, Decimal(0) if act == "fault" else data.draw(seconds))

    for account in here.accounts:
        assert (account.vtime - account.lifted) * account.weight == account.recorded
        assert account.recorded >= 0
        assert account.lifted >= 0


@unhurried
@given(data=st.data(), delta=deltas, most=sizes)
def test_two_that_always_wait_get_alike_by_weight_in_batches_too(
    data: st.DataObject, delta: Decimal, most: int
) -> None:
    """The bound of single claims holds between any two clips of any batches."""
    first, second = (Account(group=0, weight=data.draw(weights)) for _ in range(2))
    others = [Account(group=group) for group in (0, 1)]
    here = world([first, second, *others], cohorts={0: data.draw(weights), 1: 1})
    got = [Decimal(0), Decimal(0)]
    ahead = [Decimal(0)]
    for _ in range(30):
        for always in (first, second):
            while len(always.waiting) <= most:
                always.waiting.append(data.draw(clips))
        if data.draw(st.booleans()):
            data.draw(st.sampled_from(others)).waiting.append(data.draw(clips))
        for choice in here.claim_together(most=most, warm=data.draw(models), delta=delta):
            if choice.head.account < 2:
                got[choice.head.account] += choice.head.estimate / choice.head.weight
            ahead.append(got[0] - got[1])

    bound = LONGEST / first.weight + LONGEST / second.weight + 2 * delta
    assert max(ahead) - min(ahead) <= bound


milliseconds = st.integers(0, 10**8).map(lambda count: Decimal(count) / 1000)


@settings(deadline=None, derandomize=True)
@given(took=milliseconds, staying=st.integers(1, 16), left=st.lists(milliseconds, max_size=6))
def test_shares_make_exactly_what_the_call_took(
    took: Decimal, staying: int, left: list[Decimal]
) -> None:
    shares = split(took, staying=staying, left=left)

    fair = (took / (staying + len(left))).quantize(Decimal("0.001"), ROUND_DOWN)
    assert sum(shares) + sum(min(part, fair) for part in left) == took
    assert max(shares) - min(shares) <= Decimal("0.001")
    assert min(shares) >= fair


def test_who_leaves_early_pays_until_then_and_the_others_the_rest() -> None:
    assert split(Decimal("9.001"), staying=2, left=[Decimal("1.500")]) == [
        Decimal("3.751"),
        Decimal("3.750"),
    ]
    assert split(Decimal(9), staying=2, left=[Decimal(60)]) == [Decimal(3), Decimal(3)]
    assert split(Decimal(9), staying=0, left=[Decimal(60)]) == []

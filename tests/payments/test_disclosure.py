"""Whatever is computed from figures that are shown, enough people stand behind it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from payments.disclosure import FEWEST, Table, may_follow, quartiles, shown

CELLS = st.dictionaries(st.integers(0, 11), st.integers(-3, 40), max_size=12)
TABLES = st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), CELLS, max_size=4)


def combined(table: Table) -> Iterator[dict[str, int]]:
    """Each weighing of cells that adding and taking away shown figures, once each, can give."""
    seen = shown(table)
    named = [name for name, value in seen.cells.items() if value is not None]
    for whole in (-1, 0, 1) if seen.total is not None else (0,):
        for signs in product((-1, 0, 1), repeat=len(named)):
            weights = dict.fromkeys(table, whole)
            for name, sign in zip(named, signs, strict=True):
                weights[name] += sign
            yield weights


def enough(people: set[int]) -> bool:
    return not 0 < len(people) < FEWEST


@given(TABLES)
def test_no_combination_of_shown_figures_is_about_few_people(table: Table) -> None:
    for weights in combined(table):
        cells = [table[name] for name, weight in weights.items() if weight]
        assert enough({person for cell in cells for person, amount in cell.items() if amount})


@given(TABLES)
def test_what_is_shown_is_right(table: Table) -> None:
    seen = shown(table)
    sums = {name: sum(cell.values()) for name, cell in table.items()}

    assert seen.cells.keys() == sums.keys()
    assert all(value in {None, sums[name]} for name, value in seen.cells.items())
    assert seen.total in {None, sum(sums.values())}
    crowds = [{person for person, amount in cell.items() if amount} for cell in table.values()]
    if all(len(crowd) >= FEWEST for crowd in crowds):
        assert None not in {seen.total, *seen.cells.values()}


@given(TABLES, TABLES)
def test_no_shown_difference_between_two_reports_is_about_few_people(
    before: Table, after: Table
) -> None:
    if not may_follow(before, after):
        return
    old = {tuple(sorted(weights.items())) for weights in combined(before)}
    for weights in combined(after):
        if tuple(sorted(weights.items())) not in old or not {0, 1} >= set(weights.values()):
            continue
        moved = {
            person
            for person in range(12)
            if sum(
                weight * (after[name].get(person, 0) - before[name].get(person, 0))
                for name, weight in weights.items()
            )
        }
        assert enough(moved)


def test_a_cell_that_is_withheld_takes_the_next_one_along() -> None:
    table = {
        "clips": dict.fromkeys(range(9), 10),
        "reports": dict.fromkeys(range(5), 7),
        "adjustment": {3: -2},
        "sessions": {},
    }
    seen = shown(table)

    # The total less clips and reports would be the one adjustment.
    assert seen.cells == {"clips": 90, "reports": None, "adjustment": None, "sessions": 0}
    assert seen.total == 123
    grown = {**table, "clips": {**table["clips"], 4: 20}}
    assert not may_follow(table, grown)
    assert may_follow(table, table)
    assert may_follow(table, {**table, "clips": dict.fromkeys(range(9), 11)})
    # Five moved from one cell to the other, and one of them earned something new.
    left = {"owed": dict.fromkeys(range(6), 5), "paid": dict.fromkeys(range(6, 12), 5)}
    right = {"owed": {0: 6}, "paid": dict.fromkeys(range(1, 12), 5), "way": {}}
    assert not may_follow(left, right)


def test_quartiles_need_more_people_than_a_median() -> None:
    assert quartiles(dict.fromkeys(range(4), 20.0)) is None
    five = quartiles({person: 1_000.0 + 117 * person for person in range(5)})
    assert five is not None
    assert (five.median, five.low, five.high) == (1_200, None, None)
    ten = quartiles({person: 100.0 * person for person in range(10)})
    assert ten is not None
    assert (ten.median, ten.low, ten.high) == (450, 220, 680)

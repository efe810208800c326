"""Which figures of a group may be read without telling what one of its people got.

A table has cells (kinds of work, say), each with the people in it and what each of them adds. Its
total is the sum of all. Pure: no database, no settings.

The rule: a figure is shown when at least ``FEWEST`` people stand behind it, and so must whatever
can be computed from figures that are shown by adding and taking away. So a cell that is withheld
takes others with it until what the total leaves open has enough people behind it. And of two tables
that follow each other in time, each difference concerns nobody or enough people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import combinations

FEWEST = 5
# With fewer, a quartile is one of very few people's own figure.
FEWEST_FOR_QUARTILES = 10

Cell = Mapping[int, int]
Table = Mapping[str, Cell]


@dataclass(frozen=True, kw_only=True)
class Shown:
    """The sums that may be read; None stands for one that is withheld."""

    total: int | None
    cells: Mapping[str, int | None]


@dataclass(frozen=True, kw_only=True)
class Quartiles:
    """Of one number for each person; ``low`` and ``high`` need more people than the median."""

    median: float
    low: float | None
    high: float | None


def shown(table: Table) -> Shown:
    """The sums of *table* by cell, and of all of them, as far as they may be read."""
    people = {name: _people(cell) for name, cell in table.items()}
    everybody = frozenset[int]().union(*people.values())
    hidden = withheld(people)
    return Shown(
        total=None if _too_few(everybody) else sum(sum(cell.values()) for cell in table.values()),
        cells={
            name: None if name in hidden else sum(cell.values()) for name, cell in table.items()
        },
    )


def withheld(people: Mapping[str, Set[int]]) -> frozenset[str]:
    """Names of the cells that are not shown, those without anybody left out: they say nothing."""
    hidden = {name for name, members in people.items() if _too_few(members)}
    # Beside the total, what is withheld can be computed together.
    by_size = sorted(
        (name for name, members in people.items() if members and name not in hidden),
        key=lambda name: (len(people[name]), name),
    )
    while by_size and _too_few(_united(people, hidden)):
        hidden.add(by_size.pop(0))
    return frozenset(hidden)


def may_follow(before: Table, after: Table) -> bool:
    """Whether reading *after* beside *before* tells of no change that fewer than ``FEWEST`` made.

    Held against each other are every sum of cells that are shown both times and, where the total
    is, whatever such a sum leaves of it.
    """
    both = sorted(_shown_cells(before) & _shown_cells(after))
    changes = _changes(before, after)
    parts = [
        frozenset(names) for size in range(len(both) + 1) for names in combinations(both, size)
    ]
    if all(shown(table).total is not None for table in (before, after)):
        every = frozenset(before.keys() | after.keys())
        parts += [every - names for names in parts]
    return not any(_too_few(_moved(changes, names)) for names in parts)


def quartiles(values: Mapping[int, float]) -> Quartiles | None:
    """Of *values* by person, each rounded to two digits; None where there are too few people."""
    if len(values) < FEWEST:
        return None
    ordered = sorted(values.values())
    outer = len(values) >= FEWEST_FOR_QUARTILES
    return Quartiles(
        median=_rounded(_at(ordered, 0.5)),
        low=_rounded(_at(ordered, 0.25)) if outer else None,
        high=_rounded(_at(ordered, 0.75)) if outer else None,
    )


def _too_few(people: Set[int]) -> bool:
    return 0 < len(people) < FEWEST


def _people(cell: Cell) -> frozenset[int]:
    return frozenset(person for person, amount in cell.items() if amount)


def _united(people: Mapping[str, Set[int]], names: Set[str]) -> frozenset[int]:
    return frozenset[int]().union(*(people[name] for name in names))


def _shown_cells(table: Table) -> frozenset[str]:
    people = {name: _people(cell) for name, cell in table.items()}
    return frozenset(people) - withheld(people)


def _changes(before: Table, after: Table) -> dict[int, dict[str, int]]:
    """By person who has any, by cell, how much more they add."""
    changes: dict[int, dict[str, int]] = {}
    for name in before.keys() | after.keys():
        old, new = before.get(name, {}), after.get(name, {})
        for person in old.keys() | new.keys():
            more = new.get(person, 0) - old.get(person, 0)
            if more:
                changes.setdefault(person, {})[name] = more
    return changes


def _moved(changes: Mapping[int, Mapping[str, int]], names: Set[str]) -> frozenset[int]:
    """Whose part of the sum of *names* is another one."""
    return frozenset(
        person
        for person, cells in changes.items()
        if sum(more for name, more in cells.items() if name in names)
    )


def _at(ordered: Sequence[float], share: float) -> float:
    """Between the two nearest, as far as *share* lies between them."""
    place = share * (len(ordered) - 1)
    lower = int(place)
    upper = min(lower + 1, len(ordered) - 1)
    return ordered[lower] + (ordered[upper] - ordered[lower]) * (place - lower)


def _rounded(value: float) -> float:
    return float(f"{value:.2g}")

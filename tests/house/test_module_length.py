"""A module is split by noun before it is too long to read at once."""

from __future__ import annotations

from tests.house.source import APPS, modules, named

_LONGEST = 400


def test_no_module_is_longer_than_four_hundred_lines() -> None:
    lengths = {
        named(path): len(path.read_text().splitlines())
        for path in modules(*APPS, "client", "tests")
        if "migrations" not in path.parts
    }
    assert {name: length for name, length in lengths.items() if length > _LONGEST} == {}

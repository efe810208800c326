"""Nobody who works as artists do loses their key."""

from __future__ import annotations

import pytest

from bench.leak_drill.day import HABITS, false_alarms


@pytest.mark.django_db
def test_a_day_of_ordinary_use_raises_no_alarm() -> None:
    assert false_alarms(seed=3, share=0.1, first_person=10**9) == {name: [] for name in HABITS}

"""A short round of ``make chaos-pay``: processes die over real books, and nothing is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.bank import Bank
from bench.chaos_pay import Stage, play
from portal.models import Cohort
from tests.factories.payments import make_admin, make_artist, make_sent, make_work
from tests.factories.portal import make_person


@pytest.mark.django_db(transaction=True)
def test_nothing_is_lost_or_paid_twice_while_processes_die(
    cohort: Cohort, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stage = Stage(
        cohort=cohort,
        artists=[make_artist(cohort) for _ in range(3)],
        staff=[make_person() for _ in range(4)],
        bank=Bank(tmp_path / "bank"),
    )
    make_work(stage.artists[0], cohort)
    make_sent(make_admin(), make_admin(), cohort)
    wrong = play(stage, operations=120, seed=7, workers=2, deaths=0.3)
    assert "processes killed: 0" not in capsys.readouterr().out
    assert {what: count for what, count in wrong.items() if count} == {}
    assert stage.bank.transfers()

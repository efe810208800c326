"""A key is published while its clip renders; then each stage is shut: nobody else notices."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from bench.leak_drill.day import HABITS
from portal.config.env import BASE_DIR
from portal.states import Stage
from tests.journeys.test_chaos import clean_environment


@pytest.mark.stack
@pytest.mark.timeout(600)
def test_one_leak_costs_one_key_and_one_step() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "bench.leak_drill", "--short"],
        cwd=BASE_DIR,
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    told = dict(re.findall(r"^([^:\n]+): (.+)$", ran.stdout, flags=re.MULTILINE))
    assert float(told["seconds from the first foreign request to the freeze"]) <= 10
    assert float(told["seconds until the last render of that key stopped"]) <= 60
    assert told["clips of that key still waiting or rendering"] == "0"
    assert told["requests of the 6 refused"] == "0"
    assert told["keys frozen"] == "1"
    alarms = {told.get(f"false alarms over a day, {habit}") for habit in HABITS}
    assert alarms == {"0"}
    stopped = re.findall(
        r"^it stopped in step (\d+) of 50; step (\d+) was in progress", ran.stdout, re.MULTILINE
    )
    assert stopped
    assert all(int(at) - int(was) <= 1 for at, was in stopped)
    assert [stage for stage in Stage if f"containing {stage}" in told] == list(Stage)
    late = "requests answered as before after a containment or its undo had returned"
    assert (told[late], told["requests refused to who is not touched"]) == ("0", "0")

"""A key is published while its clip renders; then everything is broken: one key, and no loss.

Nobody but the key's owner notices the leak, and of the clips none is lost, doubled or charged
wrongly when workers are killed, Redis is emptied, every message comes twice and one clip kills.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from bench.leak_drill.day import HABITS
from portal.config.env import BASE_DIR
from portal.states import Stage

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]

NONE_OF = [
    "waits that ended too late",
    "messages not delivered twice",
    "clips lost",
    "clips nobody asked for",
    "clips neither ready, cancelled nor in quarantine",
    "renders still open",
    "clips rendered twice into the gallery",
    "poisoned clips outside quarantine",
    "clips in quarantine that killed more or fewer than two workers",
    "clips charged twice",
    "clips in quarantine that were charged",
    "charges for what the machinery lost",
    "renders charged other GPU seconds than recorded",
    "accounts charged other than their renders",
    "weeks charged other than their renders",
    "files without a row",
    "rows without a file",
    "files of other bytes than the row says",
    "temporary files of dead workers",
]


def clean_environment() -> dict[str, str]:
    ours = ("GREENROOM_", "DATABASE_URL", "REDIS_URL", "DJANGO_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


@pytest.fixture(scope="module")
def said() -> str:
    ran = subprocess.run(
        [sys.executable, "-m", "bench.drills"],
        cwd=BASE_DIR,
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def told(said: str) -> dict[str, str]:
    return dict(re.findall(r"^([^:\n]+): (.+)$", said, flags=re.MULTILINE))


def test_one_leak_costs_one_key_and_one_step(said: str, told: dict[str, str]) -> None:
    assert float(told["seconds from the first foreign request to the freeze"]) <= 10
    assert float(told["seconds until the last render of that key stopped"]) <= 60
    assert told["clips of that key still waiting or rendering"] == "0"
    assert told["requests of the 6 refused"] == "0"
    assert told["keys frozen"] == "1"
    alarms = {told.get(f"false alarms over a day, {habit}") for habit in HABITS}
    assert alarms == {"0"}
    stopped = re.findall(
        r"^it stopped in step (\d+) of 50; step (\d+) was in progress", said, re.MULTILINE
    )
    assert stopped
    assert all(int(at) - int(was) <= 1 for at, was in stopped)
    assert [stage for stage in Stage if f"containing {stage}" in told] == list(Stage)
    late = "requests answered as before after a containment or its undo had returned"
    assert (told[late], told["requests refused to who is not touched"]) == ("0", "0")


def test_nothing_is_lost_doubled_or_charged_wrongly(told: dict[str, str]) -> None:
    assert {name: told.get(name) for name in NONE_OF} == dict.fromkeys(NONE_OF, "0")
    assert told["workers killed"].split()[0] == "3"
    # A random blow between two of its looks may be one of its two.
    assert told["workers the poisoned clip killed"] in {"1", "2"}
    assert told["incidents"] == "flush_redis"
    assert int(told["clips asked for by 10 artists"]) >= 12
    assert int(told["messages delivered twice"]) > 0

"""`manage.py up` as an operator meets it: the real command, the real parts."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.request import urlopen

import pytest
from django.core.management import CommandError, call_command

from portal.config.env import BASE_DIR
from portal.keys import checksum_ok
from tests.stack import (
    Stack,
    folder,
    operators_environment,
    running,
    wait_until_none,
)

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def var() -> Iterator[Path]:
    """A folder that the tests of this module start on one after the other."""
    with folder() as path:
        yield path


def test_each_part_has_its_line_and_the_url_comes_last(stack: Stack) -> None:
    titles = [line[2:15].strip() for line in stack.lines() if line.startswith("  ")]
    assert sorted(titles[:3]) == ["PostgreSQL", "Redis", "migrations"]
    assert sorted(titles[3:9]) == [
        *("GPU worker", "beat", "demo people", "jobs worker", "provenance", "web"),
    ]
    ready = stack.wait_for_line("Greenroom is ready")
    assert ready.endswith(stack.url)
    with urlopen(f"{stack.url}/healthz") as answer:  # noqa: S310 - our own loopback
        assert answer.status == 200


def test_the_gpu_workers_line_names_model_and_device(stack: Stack) -> None:
    loaded = json.loads((stack.var / "ready" / "gpu.json").read_text())
    line = stack.wait_for_line("GPU worker")
    assert line.split(maxsplit=2)[2] == f"{loaded['model']} on {loaded['device']}"


def test_the_demos_people_are_announced_for_scripts(stack: Stack) -> None:
    assert {role: len(people) for role, people in stack.people.items()} == {
        "artist": 2,
        "reviewer": 2,
        "admin": 2,
    }
    assert all(set(person) == {"email", "password"} for person in stack.people["artist"])
    announced = json.loads((stack.var / "demo.json").read_text())
    assert checksum_ok(announced["keys"]["artist"])


def test_a_second_up_on_the_same_folder_refuses_and_names_the_first(stack: Stack) -> None:
    second = subprocess.run(
        [sys.executable, "manage.py", "up"],
        cwd=BASE_DIR,
        env=operators_environment(stack.var),
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 1
    assert f"process {stack.process.pid}, {stack.url}" in second.stderr


def test_a_killed_web_server_comes_back_on_its_port(stack: Stack) -> None:
    masters = [pid for pid in stack.find("gunicorn") if _parent(pid) == stack.process.pid]
    assert len(masters) == 1
    os.kill(masters[0], signal.SIGKILL)
    stack.wait_for_line("web           was killed by SIGKILL; starting it again")
    stack.wait_for_line("gunicorn answers", times=2)
    with urlopen(f"{stack.url}/healthz") as answer:  # noqa: S310 - our own loopback
        assert answer.status == 200


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def test_a_busy_port_is_said_and_a_killed_supervisor_leaves_nothing(var: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        names = {"GREENROOM_PORT": str(port), "GREENROOM_DEMO": "0"}
        with running(var, "--parts", "web", **names) as first:
            first.wait_for_line(f"Port {port} is taken; using ")
            first.wait_for_line("Greenroom is ready")
            first.end(signal.SIGKILL)
            assert wait_until_none(var) == {}


def test_the_next_start_keeps_the_data_and_ctrl_c_leaves_nothing(var: Path) -> None:
    with running(var, "--parts", "web") as second:
        second.wait_for_line("Greenroom is ready")
        second.wait_for_line("up to date")
        assert second.end(signal.SIGINT) == 0
        assert wait_until_none(var) == {}
        assert second.lines()[-1] == "Greenroom has ended."
        assert not (var / "demo.json").exists()


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What `up` says in this process before it has started anything."""
    with pytest.raises(SystemExit) as ended:
        call_command("up", *arguments)
    assert ended.value.code == 1
    return capsys.readouterr().err


def test_the_demo_stays_on_loopback(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GREENROOM_VAR", str(tmp_path))
    monkeypatch.setenv("GREENROOM_DEMO", "1")
    assert "does not listen on 0.0.0.0" in refusal(capsys, "--bind", "0.0.0.0")
    assert list(tmp_path.iterdir()) == []


def test_parts_are_known_by_name() -> None:
    with pytest.raises(CommandError, match="Unknown parts: kitchen"):
        call_command("up", "--parts", "web,kitchen")

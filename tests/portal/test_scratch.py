from __future__ import annotations

import stat
import subprocess
import tempfile
from pathlib import Path

import pytest
from celery.signals import celeryd_after_setup
from pytest_django import Settings

from portal import scratch


@pytest.fixture(autouse=True)
def _var(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setenv("TMPDIR", str(tmp_path))


def test_a_restarted_worker_removes_what_a_killed_one_left() -> None:
    folder = scratch.claim("gpu@one")
    left = Path(tempfile.mkdtemp(prefix="greenroom-clip-"))
    (left / "original.mp4").write_bytes(b"frames nobody released")
    other = scratch.claim("gpu@two")
    theirs = Path(tempfile.mkdtemp())

    assert scratch.claim("gpu@one") == folder

    assert left.parent == folder
    assert list(folder.iterdir()) == []
    assert list(other.iterdir()) == [theirs]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_name_cannot_lead_elsewhere(tmp_path: Path) -> None:
    assert scratch.claim("../gpu@one").parent == tmp_path / "scratch"


def test_every_worker_has_one_from_its_start(tmp_path: Path) -> None:
    celeryd_after_setup.send(sender="jobs@one", instance=None, conf=None)
    assert tempfile.gettempdir() == str(tmp_path / "scratch" / "jobs@one")
    made = subprocess.run(["mktemp"], capture_output=True, text=True, check=True).stdout
    assert Path(made.strip()).parent == tmp_path / "scratch" / "jobs@one"

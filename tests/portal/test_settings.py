"""Settings come from the environment and fail loudly."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from portal import checks
from portal.config import env
from portal.config.env import BASE_DIR
from tests.stack import operators_environment

_SECRETS = {
    "GREENROOM_SECRET_KEY": "a-key-that-is-long-enough-and-not-a-placeholder-0123",
    "DATABASE_URL": "postgresql://localhost/greenroom",
    "REDIS_URL": "redis://localhost:6379/0",
}


def load(module: str, var: Path, **names: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", f"import {module}"],
        cwd=BASE_DIR,
        env=operators_environment(var, DJANGO_SETTINGS_MODULE="portal.config.settings", **names),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("missing", sorted(_SECRETS))
def test_a_missing_secret_is_named(tmp_path: Path, missing: str) -> None:
    given = {name: value for name, value in _SECRETS.items() if name != missing}
    result = load("portal.config.settings", tmp_path, **given)
    assert result.returncode == 1
    assert f"{missing} is not set" in result.stderr


def test_the_file_in_var_fills_in(tmp_path: Path) -> None:
    lines = [f"{name}={value}" for name, value in _SECRETS.items()]
    (tmp_path / "greenroom.env").write_text("# comment\n" + "\n".join(lines) + "\n")
    assert load("portal.config.settings", tmp_path).returncode == 0


def test_the_owners_secrets_are_for_the_owners_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {"DATABASE_URL", *env.OF_THE_OWNER}
    (tmp_path / "greenroom.env").write_text("\n".join(f"{name}=x" for name in sorted(names)))

    def loaded(**given: str) -> set[str]:
        with monkeypatch.context() as patch:
            for name in names:
                # Set and unset, so that what is loaded is gone afterwards.
                patch.setenv(name, "")
                patch.delenv(name)
            for name, value in {"GREENROOM_VAR": str(tmp_path), **given}.items():
                patch.setenv(name, value)
            env.load()
            return {name for name in names if os.environ.get(name) == "x"}

    assert loaded() == {"DATABASE_URL"}
    assert loaded(GREENROOM_AS_OWNER="1") == names
    # A database of somebody else's, beside what is remembered of ours.
    assert loaded(GREENROOM_AS_OWNER="1", DATABASE_URL="postgresql://other/one") == set()


def test_the_demo_answers_on_loopback_only(tmp_path: Path) -> None:
    result = load(
        "portal.config.settings",
        tmp_path,
        GREENROOM_DEMO="1",
        GREENROOM_HOSTS="studio.example",
        **_SECRETS,
    )
    assert "GREENROOM_DEMO is on" in result.stderr


@pytest.mark.parametrize("door", ["portal.config.wsgi", "portal.config.asgi"])
def test_a_process_without_secrets_serves_nobody(tmp_path: Path, door: str) -> None:
    result = load(door, tmp_path, GREENROOM_TOOL="1", **_SECRETS)
    assert "must not serve people" in result.stderr


@pytest.mark.parametrize(
    ("raw", "meant"), [("1", True), ("Yes", True), ("off", False), ("0", False), ("", True)]
)
def test_flags(monkeypatch: pytest.MonkeyPatch, raw: str, *, meant: bool) -> None:
    monkeypatch.setenv("GREENROOM_EXAMPLE", raw)
    assert env.flag("GREENROOM_EXAMPLE", default=True) is meant


def test_words_that_are_no_flag_and_no_number_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENROOM_EXAMPLE", "perhaps")
    with pytest.raises(ImproperlyConfigured, match="GREENROOM_EXAMPLE is 'perhaps'"):
        env.flag("GREENROOM_EXAMPLE")
    with pytest.raises(ImproperlyConfigured, match="say a whole number"):
        env.number("GREENROOM_EXAMPLE", default=1)


def test_what_the_file_put_there_is_not_taken_for_the_operators_word(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "greenroom.env").write_text("GREENROOM_FROM_FILE=file\nGREENROOM_BOTH=file\n")
    monkeypatch.setattr(os, "environ", {"GREENROOM_VAR": str(tmp_path), "GREENROOM_BOTH": "shell"})
    monkeypatch.setattr(env, "_from_file", set())
    env.load()
    assert os.environ["GREENROOM_FROM_FILE"] == "file"
    assert os.environ["GREENROOM_BOTH"] == "shell"
    assert env.given_from_outside() == {
        "GREENROOM_VAR": str(tmp_path),
        "GREENROOM_BOTH": "shell",
    }


@pytest.mark.parametrize(
    ("key", "found"),
    [("short", ["portal.E001"]), ("a" * 60, ["portal.E001"])],
)
def test_a_key_that_can_be_guessed_is_an_error(
    settings: Settings, key: str, found: list[str]
) -> None:
    assert checks.secret_key_is_secret(None) == []
    settings.SECRET_KEY = key
    assert [error.id for error in checks.secret_key_is_secret(None)] == found
    settings.DEMO = True
    assert checks.secret_key_is_secret(None) == []


@pytest.mark.parametrize(
    ("hosts", "url", "found"),
    [
        (["127.0.0.1", "localhost"], "http://127.0.0.1:8000", []),
        (["127.0.0.1", "studio.example"], "http://127.0.0.1:8000", ["portal.E002"]),
        (["127.0.0.1"], "https://studio.example", ["portal.E002"]),
        (["*"], "http://localhost", ["portal.E002"]),
    ],
)
def test_a_demo_that_others_can_reach_is_an_error(
    settings: Settings, hosts: list[str], url: str, found: list[str]
) -> None:
    settings.ALLOWED_HOSTS = hosts
    settings.BASE_URL = url
    assert checks.demo_stays_on_loopback(None) == []
    settings.DEMO = True
    assert [error.id for error in checks.demo_stays_on_loopback(None)] == found

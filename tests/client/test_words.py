"""The command's texts in both languages, and what is drawn on a terminal."""

from __future__ import annotations

import ast
import os
import pty
import re
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import closing, redirect_stderr
from pathlib import Path
from typing import Any

import click
import pytest
from openai.types import Video

import greenroom_client
from generation.models import Clip
from generation.states import ClipState
from greenroom_client import show
from greenroom_client.cli import cli
from greenroom_client.french import FRENCH
from greenroom_client.words import language
from portal.models import Cohort, User
from portal.services.key_rows import NewKey
from tests.client.conftest import Command
from tests.factories.generation import make_clip

SOURCE = Path(greenroom_client.__file__).parent
ROWS, COLUMNS = 24, 100
BAR = "━" * 40
WAITING = {"state": "waiting"}


@pytest.fixture(params=["fr", "en"])
def spoken(request: pytest.FixtureRequest, home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    speak(monkeypatch, request.param)
    return str(request.param)


def speak(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    for name in ("LANGUAGE", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LC_ALL", {"fr": "fr_CA.UTF-8", "en": "C.UTF-8"}[code])


def said_in_code() -> set[str]:
    """What ``say`` and ``mark`` are given, and what help pages are made of."""
    found = set()
    for path in SOURCE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in {"say", "mark"} and isinstance(node.args[0], ast.Constant):
                found.add(str(node.args[0].value))
    return found


def helps(command: click.Command) -> Iterator[str]:
    telling: list[click.Command | click.Option] = [command]
    telling += [param for param in command.params if isinstance(param, click.Option)]
    for told in telling:
        yield from (" ".join(part.split()) for part in (told.help or "").split("\n\n") if part)
    for below in command.commands.values() if isinstance(command, click.Group) else ():
        yield from helps(below)


def test_everything_is_said_in_french_and_nothing_else(
    greenroom: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    speak(monkeypatch, "en")
    assert greenroom("--help").exit_code == 0
    assert set(FRENCH) == said_in_code() | set(helps(cli))


def test_nothing_that_is_filled_in_is_lost() -> None:
    braces = re.compile(r"\{\w+\}")
    lost = [
        english
        for english, french in FRENCH.items()
        if sorted(braces.findall(english)) != sorted(braces.findall(french))
    ]
    assert lost == []


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({"LANG": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "fr"}, "fr"),
        ({"LANG": "fr_FR.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "fr:en"}, "fr"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "fr_CH"}, "fr"),
        # Frisian and Friulian are others.
        ({"LANG": "fry_NL"}, "en"),
        ({"LANG": "fur_IT"}, "en"),
        ({"LANG": "C"}, "en"),
    ],
)
def test_the_locale_decides(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], code: str
) -> None:
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert language() == code


def test_help_is_in_the_persons_language(greenroom: Command, spoken: str) -> None:
    expected = {
        "fr": [
            "Utilisation\N{NO-BREAK SPACE}: cli watch [OPTIONS] ID",
            "Suit un clip jusqu’à ce qu’il soit prêt.",
            "Options\N{NO-BREAK SPACE}:",
            "-h, --help  Affiche ce message.",
        ],
        "en": [
            "Usage: cli watch [OPTIONS] ID",
            "Show a clip's progress until it is ready.",
            "Options:",
            "-h, --help  Show this message and exit.",
        ],
    }
    told = greenroom("watch", "--help").stdout.splitlines()
    assert [line.strip() for line in told if line] == expected[spoken]


def test_a_refusal_is_in_the_persons_language(greenroom: Command, spoken: str) -> None:
    expected = {
        "fr": (
            "Vous n’avez pas de connexion. Ouvrez-en une avec "
            "«\N{NO-BREAK SPACE}greenroom login --url …\N{NO-BREAK SPACE}».\n"
        ),
        "en": "You are not signed in. Sign in with “greenroom login --url …”.\n",
    }
    refused = greenroom("list")
    assert (refused.exit_code, refused.stderr) == (3, expected[spoken])


def test_the_site_answers_in_the_same(
    signed_in_command: Command, artist: User, cohort: Cohort, spoken: str
) -> None:
    clip = make_clip(artist=artist, cohort=cohort, state=ClipState.CANCELLED)
    watched = signed_in_command("watch", f"video_{clip.pk.hex}")
    expected = {
        "fr": "Le clip n’a pas été réalisé\N{NO-BREAK SPACE}: Annulé",
        "en": "The clip was not made: Cancelled",
    }
    assert (watched.exit_code, watched.stderr.splitlines()[-1]) == (1, expected[spoken])


class Terminal:
    """A pseudo-terminal, and what was written to it."""

    def __init__(self) -> None:
        self._ours, self.theirs = pty.openpty()
        termios.tcsetwinsize(self.theirs, (ROWS, COLUMNS))

    def close(self) -> None:
        os.close(self._ours)

    def frames(self) -> list[str]:
        """What was drawn, each time the line was cleared; nothing of its colours."""
        os.close(self.theirs)
        written = b""
        try:
            while more := os.read(self._ours, 1 << 16):
                written += more
        except OSError:
            # How Linux says that nobody can write any more.
            pass
        cleared = re.split(r"\x1b\[2?K", written.decode())
        plain = [re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", frame).strip() for frame in cleared]
        # How long it took is the one thing that may differ.
        return [re.sub(r"\d+:\d\d:\d\d", "0:00:00", frame) for frame in plain if frame]


def video(status: str, progress: int, **more: Any) -> Video:
    said: dict[str, Any] = {"id": "video_1", "status": status, "progress": progress, "error": None}
    return Video.construct(**said, **more)


def test_the_bar_ends_with_what_became_of_it(monkeypatch: pytest.MonkeyPatch, spoken: str) -> None:
    monkeypatch.setenv("TERM", "xterm")
    # The standard streams, whose width rich would ask for, are not the terminal here.
    monkeypatch.setenv("COLUMNS", str(COLUMNS))
    expected = {
        "fr": [
            f"{BAR[:16]}╸{BAR[17:]}  42 % 0:00:00 en calcul",
            f"{BAR} 100 % 0:00:00 prêt\N{NARROW NO-BREAK SPACE}; en attente d’examen",
        ],
        "en": [
            f"{BAR[:16]}╸{BAR[17:]}  42 % 0:00:00 rendering",
            f"{BAR} 100 % 0:00:00 ready; awaiting review",
        ],
    }
    steps = [
        [video("in_progress", 42)],
        [video("queued", 0, queue={"position": 3}), video("completed", 100, review=WAITING)],
    ]
    last = []
    for told in steps:
        with closing(Terminal()) as terminal:
            with (
                os.fdopen(os.dup(terminal.theirs), "w", encoding="utf-8") as out,
                redirect_stderr(out),
                show.watching() as tell,
            ):
                for one in told:
                    tell(one)
            last.append(terminal.frames()[-1])
    assert last == expected[spoken]


def test_the_command_draws_it_on_a_terminal(
    live_server: Any, key: NewKey, home: Path, artist: User, cohort: Cohort
) -> None:
    clip: Clip = make_clip(artist=artist, cohort=cohort, state=ClipState.CANCELLED)
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(SOURCE.parent),
        "HOME": str(home),
        "TERM": "xterm",
        "LANG": "fr_FR.UTF-8",
        "PYTHONUTF8": "1",
        "GREENROOM_API_KEY": key.clear,
        "GREENROOM_BASE_URL": live_server.url,
    }
    with closing(Terminal()) as terminal:
        done = subprocess.run(
            [sys.executable, "-m", "greenroom_client", "watch", f"video_{clip.pk.hex}"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=terminal.theirs,
            timeout=60,
            check=False,
        )
        drawn = terminal.frames()
    assert (done.returncode, done.stdout) == (1, b"")
    assert drawn[-1].splitlines() == [
        f"{BAR}   0 % 0:00:00 Annulé",
        "Le clip n’a pas été réalisé\N{NO-BREAK SPACE}: Annulé",
    ]

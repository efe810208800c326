"""The command as artists run it, against a live server, with renders that need no GPU."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from generation.media import store
from generation.media.store import StoredFiles
from generation.models import Clip
from generation.services import attempts
from generation.services.leases import claim_next
from generation.states import ClipState
from greenroom_client import pace
from greenroom_client.cli import cli
from portal.models import Cohort, User
from portal.services.key_rows import NewKey
from tests.factories.generation import remove_files
from tests.factories.portal import make_key

_SUFFIXES = {"original": ".mp4", "preview": ".mp4"}
_SHA256 = hashlib.sha256(b"original of clip").hexdigest()
Command = Callable[..., Result]


@pytest.fixture
def key(artist: User, cohort: Cohort) -> NewKey:
    return make_key(artist, cohort)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder and a home of its own, nobody signed in, and English."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.delenv("LANGUAGE", raising=False)
    for name in ("HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    for name in ("GREENROOM_API_KEY", "GREENROOM_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def greenroom(home: Path) -> Command:
    """Runs the command in this process."""

    def run(*words: str) -> Result:
        result = CliRunner().invoke(cli, list(words))
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


@pytest.fixture
def signed_in_command(
    greenroom: Command, live_server: Any, key: NewKey, monkeypatch: pytest.MonkeyPatch
) -> Command:
    """The command with the artist's key in its environment."""
    monkeypatch.setenv("GREENROOM_API_KEY", key.clear)
    monkeypatch.setenv("GREENROOM_BASE_URL", live_server.url)
    return greenroom


@pytest.fixture
def meanwhile(
    live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[Callable[[], object]], None]]:
    """Says what happens each time the command waits; nobody waits in fact."""

    def does(act: Callable[[], object]) -> None:
        monkeypatch.setattr(pace, "wait", lambda seconds: act())

    does(lambda: pytest.fail("nothing was to be waited for"))
    yield does
    remove_files(Clip.objects.filter(state=ClipState.READY))


def render_next() -> Clip | None:
    """Make the clip whose turn it is ready, as a worker does; its files say what they are."""
    lease = claim_next(worker="gpu", models=["starter"])
    if lease is None:
        return None
    media_key = uuid.uuid4()
    names = {
        field: default_storage.save(
            f"{store.folder_of(media_key)}/{field}{_SUFFIXES.get(field, '.jpg')}",
            ContentFile(f"{field} of clip".encode()),
        )
        for field in store.FILE_FIELDS
    }
    for state in (ClipState.RENDERING, ClipState.ENCODING):
        attempts.report(token=lease.token, state=state, step=3)
    return attempts.finish(
        token=lease.token,
        files=StoredFiles(**names, sha256=_SHA256),
        manifest={"seed": lease.clip.seed},
        gpu_seconds=0,
    )

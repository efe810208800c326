"""Running ``review.credentials.child``: one process for each task, with an end in time."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings

from review.credentials.errors import SigningFailed, TimestampsAway
from review.credentials.identity import Identity

logger = logging.getLogger(__name__)

# By name: only the process that signs loads the native library.
_CHILD = "review.credentials.child"
_LOOK = "review.credentials.look"
# Seconds; a time-stamp authority that takes the call and then says nothing is away.
PATIENCE_SIGN = 120
PATIENCE_READ = 30


class Unreadable(Exception):
    """The file ended the reader, or made it run too long."""


def sign(identity: Identity, files: Sequence[Mapping[str, Any]]) -> None:
    """Write signed copies; see ``child.sign`` for what *files* hold.

    Raises:
        TimestampsAway, SigningFailed: nothing of what was written may be used.
    """
    task = {
        "do": "sign",
        "algorithm": identity.algorithm,
        "chain": identity.chain,
        "key": str(identity.key.resolve()) if identity.key else "",
        "callback": identity.callback,
        "timestamps": identity.timestamps,
        "anchors": identity.anchors,
        "files": list(files),
    }
    try:
        answer = _run(task, PATIENCE_SIGN, env=None)
    except Unreadable as error:
        if identity.timestamps and "time" in str(error):
            raise TimestampsAway from error
        raise SigningFailed(f"{SigningFailed.default_message} {error}") from error
    match answer.get("error"):
        case None:
            return
        case "timestamps" if identity.timestamps:
            logger.warning("the time-stamp authority does not answer: %s", answer["detail"])
            raise TimestampsAway
        case _:
            logger.error("a content credential was not written: %s", answer["detail"])
            raise SigningFailed(f"{SigningFailed.default_message} {answer['detail']}")


def read(path: Path, *, form: str, anchors: str) -> tuple[str | None, Mapping[str, Any]]:
    """State (``Trusted``, ``Valid``, ``Invalid`` or None) and the manifest store of a file.

    Args:
        form: its MIME type, as its first bytes say.

    Raises:
        Unreadable: the reader gave up on it.
    """
    task = {"do": "read", "path": str(path.resolve()), "format": form, "anchors": anchors}
    answer = _run(task, PATIENCE_READ, env={})
    if answer.get("error"):
        raise Unreadable(str(answer.get("detail", "")))
    return answer["state"], answer["store"] or {}


def look(files: Sequence[tuple[Path, str]]) -> list[Mapping[str, list[Any]] | None]:
    """What files of these MIME types look like, None for each that cannot be looked at.

    See ``review.credentials.look``.

    Raises:
        Unreadable: one of them ended the program, or made it run too long.
    """
    named = [word for path, form in files for word in (str(path.resolve()), form)]
    try:
        done = subprocess.run(
            [sys.executable, "-m", _LOOK, *named],
            cwd=settings.BASE_DIR,
            env={},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE_READ,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Unreadable("it ran out of time") from error
    if done.returncode != 0:
        raise Unreadable(f"it ended with {done.returncode}")
    seen: list[Mapping[str, list[Any]] | None] = json.loads(done.stdout)
    return seen


def _run(
    task: Mapping[str, Any], patience: int, *, env: Mapping[str, str] | None
) -> dict[str, Any]:
    """*env* None passes this process's environment on, for a callback of the settings'."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", _CHILD],
            cwd=settings.BASE_DIR,
            env=env,
            input=json.dumps(task).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=patience,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Unreadable("it ran out of time") from error
    if done.returncode != 0:
        raise Unreadable(f"it ended with {done.returncode}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer

"""Where the files of takeouts lie: under names nobody can guess, served to their owner alone."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import IO, cast
from uuid import UUID

from django.core.files.base import File
from django.core.files.storage import default_storage


@dataclass(kw_only=True)
class Written:
    """A file that is being written; ``size`` in bytes and ``sha256`` (hex) once it is whole."""

    file: IO[bytes]
    size: int = 0
    sha256: str = ""


def name_of(token: UUID) -> str:
    """The private name in the storage of what the holder of *token* builds."""
    return f"takeouts/{token.hex[:2]}/{token.hex}.zip"


@contextmanager
def writing(name: str) -> Iterator[Written]:
    """A file to write to; it stands in the storage as *name* once the block has ended well."""
    try:
        target = Path(default_storage.path(name))
    except NotImplementedError:
        # Object stores take a whole file.
        with tempfile.TemporaryFile() as file:
            yield (written := Written(file=file))
            _measure(written)
            default_storage.save(name, File(file))
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = _partial(target)
    try:
        with partial.open("w+b") as file:
            partial.chmod(0o600)
            yield (written := Written(file=file))
            _measure(written)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def _measure(written: Written) -> None:
    written.size = written.file.seek(0, os.SEEK_END)
    written.file.seek(0)
    written.sha256 = hashlib.file_digest(cast("BufferedReader", written.file), "sha256").hexdigest()
    written.file.seek(0)


def _partial(target: Path) -> Path:
    return target.with_name(f".{target.name}.part")


def remove(name: str) -> None:
    """Remove the file and what a killed worker left of it; one already gone is no error."""
    with suppress(NotImplementedError):
        _partial(Path(default_storage.path(name))).unlink(missing_ok=True)
    default_storage.delete(name)


def opened(name: str) -> BufferedReader:
    """The file, open for reading.

    Raises:
        OSError: it is not there.
    """
    # The storages open a file for reading as a buffered reader; its type says less.
    return cast("BufferedReader", default_storage.open(name, "rb").file)

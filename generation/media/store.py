"""Where a clip's files lie. Names are unguessable; bytes are served by the release gate only."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.files.base import File
from django.core.files.storage import Storage, default_storage

from generation.errors import FileMissing
from generation.states import Variant

if TYPE_CHECKING:
    from generation.models import Clip

FILE_FIELDS = ("original", "preview", "poster", "filmstrip", "cover")

_FIELD_OF: dict[str, str] = {
    Variant.MASTER: "original",
    **{variant: str(variant) for variant in Variant if variant != Variant.MASTER},
}
_TYPES = {".mp4": "video/mp4", ".jpg": "image/jpeg"}


@dataclass(frozen=True, kw_only=True)
class StoredFiles:
    """Names in the storage, and the hex SHA-256 of the original's bytes."""

    original: str
    preview: str
    poster: str
    filmstrip: str
    cover: str
    sha256: str


def folder_of(media_key: UUID) -> str:
    key = media_key.hex
    return f"clips/{key[:2]}/{key}"


def put(*, media_key: UUID, number: int, sha256: str, paths: dict[str, Path]) -> StoredFiles:
    """Move finished files of attempt *number* into the storage, all or none.

    Args:
        paths: one finished file per name of ``FILE_FIELDS``.

    Raises:
        OSError: when the storage refuses; what was stored before is removed.
    """
    names: dict[str, str] = {}
    try:
        for field in FILE_FIELDS:
            path = paths[field]
            name = f"{folder_of(media_key)}/{field}-{number}-{sha256[:16]}{path.suffix}"
            names[field] = _store(default_storage, name, path)
    except BaseException:
        remove_folder(media_key)
        raise
    return StoredFiles(sha256=sha256, **names)


def keep(name: str, path: Path) -> str:
    """Copy the file at *path* into the storage, whole or not at all; answers its name there.

    Raises:
        OSError: when the storage refuses.
    """
    return _store(default_storage, name, path)


def digest_of(path: Path) -> str:
    """Hex SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _store(storage: Storage, name: str, path: Path) -> str:
    try:
        target = Path(storage.path(name))
    except NotImplementedError:
        # Object stores show a file only when its last byte has arrived.
        with path.open("rb") as file:
            return storage.save(name, File(file))
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.part")
    with path.open("rb") as source, partial.open("wb") as copy:
        shutil.copyfileobj(source, copy, 1 << 20)
        copy.flush()
        os.fsync(copy.fileno())
    partial.replace(target)
    return name


def names_of(clip: Clip) -> list[str]:
    return [name for name in (getattr(clip, field).name for field in FILE_FIELDS) if name]


def remove(names: Sequence[str]) -> None:
    """Remove stored files; those already gone are no error."""
    for name in names:
        default_storage.delete(name)
    with suppress(NotImplementedError, OSError):
        for folder in {Path(default_storage.path(name)).parent for name in names}:
            folder.rmdir()


def remove_folder(media_key: UUID) -> None:
    """Remove whatever an attempt stored, half-written files included."""
    remove_under(folder_of(media_key))


def remove_under(folder: str) -> None:
    """Remove a folder of the storage with all that lies in it, half-written files included."""
    try:
        shutil.rmtree(default_storage.path(folder), ignore_errors=True)
    except NotImplementedError:
        with suppress(FileNotFoundError):
            _, files = default_storage.listdir(folder)
            for name in files:
                default_storage.delete(f"{folder}/{name}")


def stored_name(clip: Clip, variant: str) -> str:
    """The name in the storage of one of the clip's files.

    Raises:
        FileMissing: for an unknown variant, or while the clip has no files.
    """
    field = _FIELD_OF.get(variant)
    name: str = getattr(clip, field).name if field else ""
    if not name:
        raise FileMissing
    return name


def open_variant(clip: Clip, variant: str) -> File[bytes]:
    """The file, open for reading; the caller closes it.

    Raises:
        FileMissing: when there is no such file, in the row or in the storage.
    """
    try:
        return default_storage.open(stored_name(clip, variant), "rb")
    except FileNotFoundError as error:
        raise FileMissing from error


def size(clip: Clip, variant: str) -> int:
    """Bytes of one of the clip's files.

    Raises:
        FileMissing: as for ``open_variant``.
    """
    try:
        return default_storage.size(stored_name(clip, variant))
    except FileNotFoundError as error:
        raise FileMissing from error


def content_type(clip: Clip, variant: str) -> str:
    return _TYPES[Path(stored_name(clip, variant)).suffix]

"""A clip's files as they lie on disk, and whether they are still the ones that were rendered."""

from __future__ import annotations

import hashlib
import logging
import os
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import cast

from django.core.cache import cache
from django.core.files.base import File
from django.core.files.storage import default_storage

from generation.errors import FileMissing
from generation.media.store import open_variant, stored_name
from generation.models import Clip
from generation.states import Variant
from review.errors import FileDamaged

logger = logging.getLogger(__name__)

_DAY = 86_400
# Variants whose bytes the clip's own hash covers.
HASHED = frozenset({Variant.ORIGINAL, Variant.MASTER})


@dataclass(frozen=True, kw_only=True)
class StoredFile:
    """An open file of a clip.

    Attributes:
        name: private name in the storage.
        size: bytes.
        stamp: changes whenever the file is replaced or written to.
    """

    handle: BufferedReader
    name: str
    size: int
    stamp: str

    @property
    def etag(self) -> str:
        """A strong validator that gives the private name away to nobody."""
        return f'"{hashlib.sha256(self.stamp.encode()).hexdigest()[:40]}"'


def open_stored(clip: Clip, variant: Variant) -> StoredFile:
    """Open one variant for reading.

    Raises:
        FileMissing: the clip has no such file, or it is gone from the storage.
    """
    return _opened(open_variant(clip, variant), stored_name(clip, variant))


def open_copy(name: str) -> StoredFile:
    """Open a signed copy for reading.

    Raises:
        FileMissing: it is gone from the storage.
    """
    try:
        return _opened(default_storage.open(name, "rb"), name)
    except FileNotFoundError as error:
        raise FileMissing from error


def _opened(stored: File[bytes], name: str) -> StoredFile:
    # The storages open a file for reading as a buffered reader; its type says less.
    handle = cast("BufferedReader", stored.file)
    try:
        status = os.fstat(handle.fileno())
    except (AttributeError, OSError):
        # A storage without real files has immutable objects: name and size say it all.
        return StoredFile(handle=handle, name=name, size=stored.size, stamp=f"{name}:{stored.size}")
    stamp = f"{name}:{status.st_size}:{status.st_mtime_ns}:{status.st_ctime_ns}:{status.st_ino}"
    return StoredFile(handle=handle, name=name, size=status.st_size, stamp=stamp)


def digest(stored: StoredFile, *, fresh: bool = False) -> str:
    """SHA-256 (hex) of the open file; remembered until the file changes unless *fresh*."""
    key = f"review:sha256:{hashlib.sha256(stored.stamp.encode()).hexdigest()}"
    known: str | None = None if fresh else cache.get(key)
    if known is None:
        stored.handle.seek(0)
        known = hashlib.file_digest(stored.handle, "sha256").hexdigest()
        stored.handle.seek(0)
        cache.set(key, known, timeout=_DAY)
    return known


def copy_out(source: StoredFile, path: Path) -> str:
    """Write what is open to *path*, and close it; answers the hex SHA-256 of what was written."""
    hashed = hashlib.sha256()
    with source.handle, path.open("wb") as copy:
        while piece := source.handle.read(1 << 20):
            hashed.update(piece)
            copy.write(piece)
    return hashed.hexdigest()


def require_intact(clip: Clip) -> None:
    """Read the original once more and compare it with the hash on record.

    Raises:
        FileDamaged: it is gone, or holds other bytes.
    """
    try:
        stored = open_stored(clip, Variant.ORIGINAL)
    except FileMissing as missing:
        logger.error("clip %s: the original is missing", clip.pk)
        raise FileDamaged from missing
    with stored.handle:
        if digest(stored, fresh=True) != clip.sha256:
            logger.error("clip %s: the original is not the file that was rendered", clip.pk)
            raise FileDamaged


def is_intact(clip: Clip) -> bool:
    """Whether the original is the file that was rendered, as far as is remembered."""
    try:
        stored = open_stored(clip, Variant.ORIGINAL)
    except FileMissing:
        return False
    with stored.handle:
        return digest(stored) == clip.sha256

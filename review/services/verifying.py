"""Looking at a file that somebody brings; nothing of it is kept."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile

from review.credentials import identity, process
from review.credentials.kinds import CREDENTIALED, HEAD, kind_of
from review.credentials.reading import Credential, credential
from review.recognition import Recognised, approval_stands, recognise
from review.verify_errors import AskedTooOften, NothingToSee

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.models import User


# Looking holds a thread of the web server and a processor; who comes third is asked to come again.
_ROOM = BoundedSemaphore(2)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a file says of itself, and what is known of it here.

    Attributes:
        recognised: by its pictures; None when it is no clip that who asks may know of.
        is_withdrawn: the programme signed it, and took the approval back since.
    """

    name: str
    credential: Credential
    recognised: Recognised | None
    is_withdrawn: bool


def examine(*, viewer: User | AnonymousUser, upload: UploadedFile[bytes]) -> Finding:
    """Read the credential of *upload*, and look whether it shows a clip of the programme's.

    Raises:
        NothingToSee: it is no video or picture, or one too large to look at.
        AskedTooOften: this process looks at as many files as it can.
    """
    kind = kind_of(upload.read(HEAD))
    upload.seek(0)
    if kind is None:
        raise NothingToSee(field="file")
    if not _ROOM.acquire(blocking=False):
        raise AskedTooOften
    try:
        seen, said = _read(upload, kind)
    finally:
        _ROOM.release()
    stands = None
    if said.verdict == "trusted":
        approval = said.steps[0].approval
        stands = approval_stands(approval.get("decision"), sha256=approval.get("of_sha256"))
    return Finding(
        name=(upload.name or "")[:120],
        credential=said,
        recognised=recognise(viewer, exact=seen["exact"], pictures=seen["pictures"]),
        is_withdrawn=stands is False,
    )


def _read(upload: UploadedFile[bytes], kind: str) -> tuple[Mapping[str, list[Any]], Credential]:
    with tempfile.TemporaryDirectory(prefix="greenroom-verify-") as folder:
        path = _path_of(upload, Path(folder))
        try:
            [seen] = process.look([(path, kind)])
        except process.Unreadable as error:
            raise NothingToSee(field="file") from error
        if seen is None:
            raise NothingToSee(field="file")
        return seen, _credential(path, kind)


def _credential(path: Path, kind: str) -> Credential:
    if kind not in CREDENTIALED:
        return Credential(verdict="none", steps=())
    try:
        return credential(*process.read(path, form=kind, anchors=identity.anchors()))
    except process.Unreadable:
        return Credential(verdict="broken", steps=())


def _path_of(upload: UploadedFile[bytes], folder: Path) -> Path:
    if isinstance(upload, TemporaryUploadedFile):
        return Path(upload.temporary_file_path())
    path = folder / "upload"
    with path.open("wb") as copy:
        for chunk in upload.chunks():
            copy.write(chunk)
    return path

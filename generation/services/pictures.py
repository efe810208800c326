"""Taking in pictures and videos for clips to start from, and letting go of those nobody uses."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now
from django.utils import timezone

from generation.access import uses_studio
from generation.errors import PictureGone
from generation.media import store
from generation.media.pictures import reencoded
from generation.media.videos import taken_in
from generation.models import Clip, StartPicture
from portal.errors import NotAllowed
from portal.services import audit

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    from portal.models import User

# Long enough for whoever is still writing the prompt.
UNUSED_FOR = timedelta(days=1)


def keep(*, actor: User, upload: UploadedFile[bytes]) -> StartPicture:
    """Store a picture of *actor*'s; the same one again is the same row.

    Raises:
        NotAPicture, PictureMoves, PictureTooLarge: the picture is refused; nothing is written.
        NotAllowed: for who makes no clips.
    """
    if not uses_studio(actor):
        raise NotAllowed
    picture = reencoded(upload)
    name = default_storage.save(f"{_folder()}/start.png", ContentFile(picture.content))
    wanted = StartPicture(
        artist=actor,
        sha256=picture.sha256,
        width=picture.width,
        height=picture.height,
        file=name,
    )
    return _kept(wanted, action="picture.brought")


def keep_video(*, actor: User, upload: UploadedFile[bytes], field: str) -> StartPicture:
    """Store a video of *actor*'s with its last frame as its picture; the same again is the same.

    Args:
        field: what the upload is called where it came from.

    Raises:
        NotAVideo, VideoTooLarge: the video is refused; nothing is written.
        NotAllowed: for who makes no clips.
    """
    if not uses_studio(actor):
        raise NotAllowed
    with taken_in(upload, field=field) as made:
        folder = _folder()
        names = []
        try:
            for path, name in ((made.last, "start.png"), (made.video, "start.mp4")):
                with path.open("rb") as file:
                    names.append(default_storage.save(f"{folder}/{name}", File(file)))
        except BaseException:
            store.remove(names)
            raise
    picture_name, video_name = names
    wanted = StartPicture(
        artist=actor,
        sha256=made.last_sha256,
        width=made.width,
        height=made.height,
        file=picture_name,
        video=video_name,
        video_sha256=made.video_sha256,
        video_frames=made.frames,
    )
    return _kept(wanted, action="video.brought")


def require_kept(picture_id: UUID) -> None:
    """Hold the picture's row, so that its file stays until the transaction's clips name it.

    Raises:
        PictureGone: when its file was removed meanwhile.
    """
    held = StartPicture.objects.select_for_update().filter(pk=picture_id).exclude(file="")
    if not held.exists():
        raise PictureGone(field="start_picture")


def let_go(picture_id: UUID) -> bool:
    """Remove the picture's file unless a clip that is not deleted starts from it.

    Call it inside the transaction that deleted such a clip. Answers whether it is removed.
    """
    row = StartPicture.objects.select_for_update().get(pk=picture_id)
    if not row.file or Clip.objects.kept().filter(start_picture=row).exists():
        return False
    names = names_of(row)
    row.file.name = row.video.name = ""
    row.save(update_fields=["file", "video"])
    audit.record(actor=None, action="picture.removed", target=row, before={"sha256": row.sha256})
    transaction.on_commit(lambda: store.remove(names))
    return True


def forget_unused() -> int:
    """Remove pictures that were brought a day ago and that no clip starts from; how many."""
    used = Clip.objects.kept().filter(start_picture=OuterRef("pk"))
    waiting = StartPicture.objects.kept().filter(
        ~Exists(used), brought_at__lt=timezone.now() - UNUSED_FOR
    )
    removed = 0
    for picture_id in waiting.values_list("pk", flat=True):
        with transaction.atomic():
            removed += let_go(picture_id)
    return removed


def names_of(row: StartPicture) -> list[str]:
    """Names in the storage of all that is kept of *row*."""
    return [str(file) for file in (row.file, row.video) if file]


def _folder() -> str:
    key = uuid.uuid4().hex
    return f"pictures/{key[:2]}/{key}"


def _kept(wanted: StartPicture, *, action: str) -> StartPicture:
    """*wanted*'s row, or the one of the same bytes, whose files then stay or come back."""
    names = names_of(wanted)
    same = {
        "artist": wanted.artist,
        "sha256": wanted.sha256,
        "video_sha256": wanted.video_sha256,
    }
    fields = ("width", "height", "file", "video", "video_frames")
    try:
        with transaction.atomic():
            StartPicture.objects.get_or_create(
                **same, defaults={field: getattr(wanted, field) for field in fields}
            )
            row = StartPicture.objects.select_for_update().get(**same)
            if not row.file:
                row.file.name, row.video.name = str(wanted.file), str(wanted.video)
            elif str(row.file) != str(wanted.file):
                transaction.on_commit(lambda: store.remove(names))
            row.brought_at = Now()
            row.save(update_fields=["file", "video", "brought_at"])
            row.refresh_from_db(fields=["brought_at", "created_at"])
            audit.record(
                actor=wanted.artist, action=action, target=row, after={"sha256": row.sha256}
            )
    except BaseException:
        store.remove(names)
        raise
    return row

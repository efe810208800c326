"""Taking in pictures for clips to start from, and letting go of those nobody uses."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now
from django.utils import timezone

from generation.access import uses_studio
from generation.errors import PictureGone
from generation.media import store
from generation.media.pictures import reencoded
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
    key = uuid.uuid4().hex
    name = default_storage.save(f"pictures/{key[:2]}/{key}/start.png", ContentFile(picture.content))
    try:
        with transaction.atomic():
            StartPicture.objects.get_or_create(
                artist=actor,
                sha256=picture.sha256,
                defaults={"width": picture.width, "height": picture.height, "file": name},
            )
            row = StartPicture.objects.select_for_update().get(artist=actor, sha256=picture.sha256)
            if not row.file:
                row.file.name = name
            elif row.file.name != name:
                transaction.on_commit(lambda: store.remove([name]))
            row.brought_at = Now()
            row.save(update_fields=["file", "brought_at"])
            row.refresh_from_db(fields=["brought_at", "created_at"])
            audit.record(
                actor=actor, action="picture.brought", target=row, after={"sha256": row.sha256}
            )
    except BaseException:
        store.remove([name])
        raise
    return row


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
    name = str(row.file)
    row.file.name = ""
    row.save(update_fields=["file"])
    audit.record(actor=None, action="picture.removed", target=row, before={"sha256": row.sha256})
    transaction.on_commit(lambda: store.remove([name]))
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

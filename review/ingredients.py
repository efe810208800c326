"""What a clip was made from, laid out beside it while its credential is written."""

from __future__ import annotations

import shutil
from pathlib import Path

from django.core.files.storage import default_storage

from generation.errors import FileMissing
from generation.models import Clip, StartPicture
from generation.states import Variant
from review.credentials.statement import Ingredient
from review.files import copy_out, open_copy, open_stored
from review.models import Signing
from review.states import SigningState


def ingredients_of(clip: Clip, folder: Path) -> list[Ingredient]:
    """Copies in *folder* of the clip and the picture or video that *clip* came from.

    A source that was released comes with its own credential. Of one that was not, or is no more,
    the credential says only what its file hashes to, or nothing.
    """
    found = []
    if clip.source is not None:
        path = folder / "source.mp4"
        if _copy_clip(clip.source, path):
            found.append(
                Ingredient(
                    key="xmp:iid:source",
                    title=f"Clip {clip.source.short_id}",
                    path=path,
                    format="video/mp4",
                    held=bool(clip.lead_frames) and clip.start_picture is None,
                )
            )
    if clip.start_picture is not None:
        found += _brought(clip.start_picture, folder, held=bool(clip.lead_frames))
    return found


def _copy_clip(source: Clip, path: Path) -> bool:
    signing = (
        Signing.objects.filter(decision__review__clip=source, state=SigningState.SIGNED)
        .order_by("-pk")
        .first()
    )
    if signing is not None:
        name, sha256 = signing.copy_of(Variant.MASTER)
        try:
            if copy_out(open_copy(name), path) == sha256:
                return True
        except FileMissing:
            pass
    try:
        return copy_out(open_stored(source, Variant.ORIGINAL), path) == source.sha256
    except FileMissing:
        return False


def _brought(picture: StartPicture, folder: Path, *, held: bool) -> list[Ingredient]:
    name = str(picture.video or picture.file)
    is_video = bool(picture.video)
    path = folder / ("brought.mp4" if is_video else "brought.png")
    try:
        with default_storage.open(name, "rb") as stored, path.open("wb") as copy:
            shutil.copyfileobj(stored, copy, 1 << 20)
    except (OSError, ValueError):
        return []
    return [
        Ingredient(
            key="xmp:iid:brought",
            title="A video the artist brought" if is_video else "A picture the artist brought",
            path=path,
            format="video/mp4" if is_video else "image/png",
            held=held,
        )
    ]

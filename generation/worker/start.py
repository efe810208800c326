"""What a clip starts from and wears, beside its prompt."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
from django.core.files.storage import default_storage
from numpy.typing import NDArray

from generation.errors import FileMissing, InputMissing
from generation.media import store
from generation.media.decode import last_frame, read_frames
from generation.media.pictures import read_picture
from generation.media.videos import frames_evenly, require_bytes
from generation.states import Variant

if TYPE_CHECKING:
    from generation.catalogue import Entry
    from generation.models import Clip, StartPicture


def input_of(clip: Clip, entry: Entry) -> Mapping[str, Any]:
    """Arguments of a ``Job``: the picture, the source's last frame, all of them, or nothing.

    Raises:
        InputMissing: when the file was removed, cannot be read or, for a picture, has changed.
    """
    if not entry.needs_start:
        return {}
    try:
        if entry.takes_picture and clip.start_picture is not None:
            return {"picture": _brought(clip.start_picture)}
        if clip.start_picture is not None and clip.start_picture.video_frames:
            frames = _frames_brought(clip.start_picture, wanted=clip.frames)
            return {"source_frames": frames, "strength": float(strength_of(clip, entry))}
        if clip.source is None:
            raise InputMissing
        with store.open_variant(clip.source, Variant.ORIGINAL) as file:
            if entry.takes_picture:
                return {"picture": last_frame(file)}
            frames = read_frames(file)
    except (FileMissing, OSError) as error:
        raise InputMissing from error
    return {"source_frames": frames, "strength": float(strength_of(clip, entry))}


def strength_of(clip: Clip, entry: Entry) -> Decimal:
    """How much of the source's frames is made anew."""
    return entry.strength if clip.strength is None else clip.strength


def _brought(picture: StartPicture) -> NDArray[np.uint8]:
    if not picture.file:
        raise FileMissing
    with default_storage.open(str(picture.file), "rb") as file:
        return read_picture(file, sha256=picture.sha256)


def _frames_brought(picture: StartPicture, *, wanted: int) -> NDArray[np.uint8]:
    if not picture.video:
        raise FileMissing
    with default_storage.open(str(picture.video), "rb") as file:
        require_bytes(file, sha256=picture.video_sha256)
        return frames_evenly(file, have=picture.video_frames, wanted=wanted)


def adapter_of(clip: Clip) -> Mapping[str, Any]:
    """Arguments of a ``Job``: the adapter that the clip wears, or nothing."""
    if not clip.adapter_key or clip.adapter_weight is None:
        return {}
    return {"adapter_key": clip.adapter_key, "adapter_weight": float(clip.adapter_weight)}


def input_facts(clip: Clip, entry: Entry) -> dict[str, str] | None:
    """For the manifest: which bytes the clip started from, and how."""
    if not entry.needs_start:
        return None
    facts = {"kind": entry.image_input, "strength": str(strength_of(clip, entry))}
    if entry.takes_picture and clip.start_picture is not None:
        picture = clip.start_picture
        return {**facts, "picture": str(picture.pk), "sha256": picture.sha256}
    if clip.start_picture is not None and clip.start_picture.video_frames:
        video = clip.start_picture
        return {**facts, "video": str(video.pk), "sha256": video.video_sha256}
    if clip.source is None:
        return None
    return {**facts, "clip": str(clip.source.pk), "sha256": clip.source.sha256}

"""What a clip starts from, for models that need more than a prompt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from generation.errors import FileMissing, InputMissing
from generation.media import store
from generation.media.decode import last_frame, read_frames
from generation.states import Variant

if TYPE_CHECKING:
    from generation.catalogue import Entry
    from generation.models import Clip


def input_of(clip: Clip, entry: Entry) -> Mapping[str, Any]:
    """Arguments of a ``Job``: the last frame of the clip's source, all of them, or nothing.

    Raises:
        InputMissing: when the source was deleted or its file cannot be read.
    """
    if not entry.needs_start:
        return {}
    if clip.source is None:
        raise InputMissing
    try:
        with store.open_variant(clip.source, Variant.ORIGINAL) as file:
            if entry.image_input == "picture":
                return {"picture": last_frame(file)}
            return {"source_frames": read_frames(file)}
    except (FileMissing, OSError) as error:
        raise InputMissing from error


def input_facts(clip: Clip, entry: Entry) -> dict[str, str] | None:
    """For the manifest: which bytes the clip started from, and how."""
    if not entry.needs_start or clip.source is None:
        return None
    return {
        "kind": entry.image_input,
        "clip": str(clip.source.pk),
        "sha256": clip.source.sha256,
        "strength": str(entry.strength),
    }

"""What generation forgets of somebody whose account goes; see ``portal.deletions``."""

from __future__ import annotations

from collections.abc import Sequence

from generation.models import Clip, Preset, PromptSheet, StartPicture
from generation.models.clip import FORGOTTEN
from generation.services import clips, pictures
from portal.deletions import Leaving


def every_clip(leaving: Leaving) -> Sequence[str]:
    """Files, titles, prompts and manifests go; the clip stays as a number with its digests."""
    theirs = Clip.objects.filter(artist=leaving.person)
    clips.remove_all(actor=leaving.person)
    theirs.update(title="", prompt=FORGOTTEN, manifest={}, error_message="")
    # Of the clips' own files their attempts keep note until they are gone.
    return []


def every_picture(leaving: Leaving) -> Sequence[str]:
    names: list[str] = []
    for picture in StartPicture.objects.kept().filter(artist=leaving.person).order_by("pk"):
        names += pictures.names_of(picture)
        pictures.let_go(picture.pk)
    return names


def presets(leaving: Leaving) -> Sequence[str]:
    """Those shared with the cohort too: what others made with one holds its own settings."""
    Preset.objects.filter(artist=leaving.person).delete()
    return []


def sheets(leaving: Leaving) -> Sequence[str]:
    PromptSheet.objects.filter(artist=leaving.person).delete()
    return []

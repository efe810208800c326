"""Fingerprints: taken of every finished clip, and forgotten with it."""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from generation.errors import FileMissing
from generation.media import store
from generation.models import Clip
from generation.states import Variant
from portal import shutdown
from review.credentials import process
from review.files import copy_out, open_stored
from review.models import Fingerprint

logger = logging.getLogger(__name__)

# Seconds, shorter than a beat: two jobs at a time would look at the same clips.
_AT_ONCE = 4.0
# More than anybody looks at in that time.
_MOST = 100
# How the clip looks without the mark, and the still that artists have with it.
_LOOKED_AT = (Variant.ORIGINAL, Variant.COVER, Variant.POSTER)


def take_missing() -> int:
    """Take the fingerprints of clips that have none; answers how many were taken."""
    Fingerprint.objects.filter(clip__deleted_at__isnull=False).delete()
    until = time.monotonic() + _AT_ONCE
    taken = 0
    for clip in _without()[:_MOST]:
        if shutdown.is_told() or time.monotonic() > until:
            break
        taken += _take(clip)
    return taken


def _without() -> QuerySet[Clip]:
    return Clip.objects.ready().filter(fingerprint__isnull=True).order_by("finished_at", "pk")


def _take(clip: Clip) -> bool:
    exact: list[str] = []
    pictures: list[int] = []
    with tempfile.TemporaryDirectory(prefix="greenroom-look-") as name:
        for variant, seen in _looked_at(clip, Path(name)):
            exact += seen["exact"]
            # The mark is part of how a poster looks, and no part of the clip.
            pictures += seen["pictures"] if variant != Variant.POSTER else []
    with transaction.atomic():
        still = Clip.objects.select_for_update(no_key=True).get(pk=clip.pk)
        if not still.is_ready:
            return False
        _row, created = Fingerprint.objects.get_or_create(
            clip=still, defaults={"exact": exact, "pictures": pictures}
        )
    return created


def _looked_at(clip: Clip, folder: Path) -> list[tuple[Variant, Mapping[str, list[Any]]]]:
    files = [(folder / variant.value, store.content_type(clip, variant)) for variant in _LOOKED_AT]
    try:
        for variant, (path, _form) in zip(_LOOKED_AT, files, strict=True):
            copy_out(open_stored(clip, variant), path)
        seen = process.look(files)
    except (FileMissing, OSError, process.Unreadable) as error:
        logger.warning("clip %s cannot be looked at: %s", clip.pk, error)
        return []
    return [(variant, one) for variant, one in zip(_LOOKED_AT, seen, strict=True) if one]

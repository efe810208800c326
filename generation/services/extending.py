"""What the file of an extension begins with, counted before anything is rendered."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from generation.errors import ExtensionTooLong, PictureGone
from generation.media.videos import rate_of
from generation.models.clip import REPEATED

if TYPE_CHECKING:
    from generation.catalogue import Entry
    from generation.models import StartPicture
    from generation.services.wishes import Start


def with_lead(start: Start, *, entry: Entry, frames: int) -> Start:
    """*start* with the video or clip it goes on from before the *frames* that are rendered.

    What is rendered repeats the last frame it goes on from, so that one is not counted twice. A
    source of another rate is taken at the model's, and lasts as long.

    Raises:
        ExtensionTooLong: the whole would be longer than ``GREENROOM_LONGEST_SECONDS``.
        PictureGone: an uploaded video is no longer kept.
    """
    if not entry.takes_picture:
        return start
    if start.picture is not None:
        if not start.picture.video_frames:
            return start
        have, rate = start.picture.video_frames, _rate_of(start.picture)
    elif start.source is not None:
        have, rate = start.source.file_frames, Fraction(start.source.fps)
    else:
        return start
    lead = round((have - 1) * entry.fps / rate) + 1
    total = Fraction(lead + frames - REPEATED, entry.fps)
    most = settings.GENERATION_LONGEST_SECONDS
    if total > most:
        raise ExtensionTooLong(
            _("With what it extends this would be %(total)s seconds long. It may be %(most)s.")
            % {"total": f"{float(total):.1f}".removesuffix(".0"), "most": most},
            field="frames",
        )
    return replace(start, lead_frames=lead)


def _rate_of(picture: StartPicture) -> Fraction:
    if not picture.video:
        raise PictureGone(field="start_picture")
    try:
        with default_storage.open(str(picture.video), "rb") as file:
            return rate_of(file)
    except (OSError, ValueError) as error:
        raise PictureGone(field="start_picture") from error

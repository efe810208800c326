"""Where a clip comes from, as the artist's page and the review desk say it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from generation.access import clips_visible_to
from generation.models import Clip, StartPicture
from generation.states import Lineage

if TYPE_CHECKING:
    from portal.models import User

SHOWN_MOST = 12


@dataclass(frozen=True, kw_only=True)
class Origin:
    """What a clip came from.

    Attributes:
        clip: the clip it came from, which may be deleted.
        url: the page of *clip*, "" for who may not see it.
        picture_url: where the gate serves the picture it starts from, or "".
    """

    words: str
    clip: Clip | None
    url: str
    picture: StartPicture | None
    picture_url: str


def origin_of(clip: Clip, *, viewer: User) -> Origin | None:
    """None for a clip that was made from its prompt alone."""
    source, picture = clip.source, clip.start_picture
    if source is None and picture is None:
        return None
    seen = source is not None and clips_visible_to(viewer).filter(pk=source.pk).exists()
    return Origin(
        words=" ".join(filter(None, [_said(clip), _began(clip)])),
        clip=source,
        url=reverse("generation:clip", args=[source.pk]) if source is not None and seen else "",
        picture=picture,
        picture_url=picture_url(picture) if picture is not None else "",
    )


def picture_url(picture: StartPicture) -> str:
    """Where the release gate serves *picture*; "" when it is gone or nothing is served."""
    if not picture.file:
        return ""
    try:
        return reverse("review:start_picture", args=[picture.pk])
    except NoReverseMatch:
        return ""


def made_from(clip: Clip, *, viewer: User) -> Sequence[Clip]:
    """The newest of *viewer*'s clips that came from this one."""
    found = clips_visible_to(viewer).filter(source=clip).order_by("-created_at", "-id")
    return list(found[:SHOWN_MOST])


def _began(clip: Clip) -> str:
    if clip.start_picture is None:
        return ""
    if not clip.lead_frames:
        return _("Starts from a picture.")
    return _("Its first %(frames)d frames are an uploaded video.") % {"frames": clip.lead_frames}


def _said(clip: Clip) -> str:
    if clip.source is None:
        return ""
    if clip.lead_frames and clip.start_picture is None:
        return _("Extends %(clip)s: its first %(frames)d frames are that clip.") % {
            "clip": clip.source.short_id,
            "frames": clip.lead_frames,
        }
    texts = {
        Lineage.EXTEND: _("Extends %(clip)s: it goes on from its last frame."),
        Lineage.REMIX: _("Remix of %(clip)s."),
        Lineage.AGAIN: _("Made again like %(clip)s."),
        Lineage.NONE: _("Comes from %(clip)s."),
    }
    return texts[Lineage(clip.lineage)] % {"clip": clip.source.short_id}

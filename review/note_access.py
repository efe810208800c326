"""Who may read, write and resolve notes on the frames of a clip."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from generation.models import Clip
from review import access
from review.models import FrameNote
from review.models.framenote import FrameNoteQuerySet

if TYPE_CHECKING:
    from portal.models import User


def clips_for(user: User) -> QuerySet[Clip]:
    """Finished clips whose notes *user* may read: their own, and those they meet at the desk."""
    met = access.visible_to(user).order_by().values("clip")
    mine = Q(artist=user)
    return Clip.objects.ready().filter(mine | Q(pk__in=met))


def may_write(user: User, clip: Clip) -> bool:
    """Who meets the clip at the desk; its artist answers what is written to them."""
    return access.visible_to(user).filter(clip=clip).exists()


def notes_for(user: User, clip: Clip) -> FrameNoteQuerySet:
    """The notes of *clip* that *user* reads, replies too."""
    notes = FrameNoteQuerySet(FrameNote).filter(clip=clip)
    if clip.artist_id == user.pk:
        return notes.to_artist()
    return notes if may_write(user, clip) else FrameNoteQuerySet(FrameNote).none()

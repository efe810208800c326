"""Notes on frames: written, answered, resolved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from generation.models import Clip
from portal.errors import NotAllowed
from portal.services import audit
from portal.services.notify import notify
from review import drawings, note_access
from review.errors import ClipNotReady, NoteTooLong
from review.models import FrameNote
from review.models.framenote import TEXT_MAX
from review.note_errors import FrameOutside, NoteEmpty

if TYPE_CHECKING:
    from portal.models import User


def write(
    *,
    actor: User,
    clip: Clip,
    first_frame: int,
    last_frame: int,
    text: str,
    drawing: str,
    is_for_artist: bool,
) -> FrameNote:
    """Pin a note to the frames from *first_frame* to *last_frame*, counted from 0.

    Args:
        drawing: JSON as ``review.drawings`` says, or "".

    Raises:
        NotAllowed, ClipNotReady, FrameOutside, NoteEmpty, NoteTooLong
        DrawingTooLarge, DrawingMisformed: nothing is written.
    """
    text, shapes = _words(text), drawings.read(drawing)
    if not text and not shapes:
        raise NoteEmpty(field="text")
    with transaction.atomic():
        locked = Clip.objects.select_for_update(no_key=True).get(pk=clip.pk)
        if not note_access.may_write(actor, locked):
            raise NotAllowed
        if not locked.is_ready:
            raise ClipNotReady
        if not 0 <= first_frame <= last_frame < locked.file_frames:
            raise FrameOutside(field="last")
        note = FrameNote.objects.create(
            clip=locked,
            author=actor,
            first_frame=first_frame,
            last_frame=last_frame,
            text=text,
            drawing=shapes,
            is_for_artist=is_for_artist,
        )
        _record(actor, "review.note_written", note)
        _tell(note)
        return note


def reply(*, actor: User, note: FrameNote, text: str) -> FrameNote:
    """Answer *note*; who reads the note reads the answer.

    Raises:
        NotAllowed, NoteEmpty, NoteTooLong
    """
    text = _words(text)
    if not text:
        raise NoteEmpty(field="text")
    with transaction.atomic():
        if note.parent_id is not None or not _reads(actor, note):
            raise NotAllowed
        answer = FrameNote.objects.create(
            clip=note.clip,
            author=actor,
            parent=note,
            first_frame=note.first_frame,
            last_frame=note.last_frame,
            text=text,
            is_for_artist=note.is_for_artist,
        )
        _record(actor, "review.note_answered", answer)
        _tell(answer)
        return answer


def resolve(*, actor: User, note: FrameNote, is_resolved: bool) -> FrameNote:
    """Say that *note* is dealt with, or that it is not after all. Twice does it once.

    Raises:
        NotAllowed: replies are not resolved, and the artist does not resolve.
    """
    with transaction.atomic():
        locked = (
            FrameNote.objects.select_for_update(no_key=True, of=("self",))
            .select_related("clip")
            .get(pk=note.pk)
        )
        if locked.parent_id is not None or not note_access.may_write(actor, locked.clip):
            raise NotAllowed
        if (locked.resolved_at is not None) == is_resolved:
            return locked
        locked.resolved_at = timezone.now() if is_resolved else None
        locked.resolved_by = actor if is_resolved else None
        locked.save(update_fields=["resolved_at", "resolved_by"])
        _record(actor, "review.note_resolved" if is_resolved else "review.note_reopened", locked)
        return locked


def _tell(note: FrameNote) -> None:
    """The artist hears of what is for them, and who wrote in a thread of what is answered."""
    clip = note.clip
    hear: dict[int, User] = {}
    if note.parent is not None:
        thread = [note.parent, *note.parent.replies.select_related("author")]
        hear = {one.author_id: one.author for one in thread if one.author_id != clip.artist_id}
    if note.is_for_artist:
        hear[clip.artist_id] = clip.artist
    hear.pop(note.author_id, None)
    title = _("A note on a frame of “%(clip)s”")
    if note.parent is not None:
        title = _("An answer to a note on a frame of “%(clip)s”")
    for person in hear.values():
        page = "generation:clip" if person.pk == clip.artist_id else "review:notes"
        notify(
            user=person,
            kind="note_answered" if note.parent else "note_on_frame",
            title=title,
            text="%(said)s",
            params={"clip": clip.label, "said": note.text},
            url=reverse(page, args=[clip.pk]),
        )


def _words(text: str) -> str:
    text = text.strip()
    if len(text) > TEXT_MAX:
        raise NoteTooLong(field="text")
    return text


def _reads(actor: User, note: FrameNote) -> bool:
    return note_access.notes_for(actor, note.clip).filter(pk=note.pk).exists()


def _record(actor: User, action: str, note: FrameNote) -> None:
    audit.record(
        actor=actor,
        action=action,
        target=note,
        after={"clip": str(note.clip_id), "frames": f"{note.number}–{note.last_number}"},
    )

"""Notes on the frames of a clip, as pages, downloads and takeouts tell them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.db.models import Prefetch
from django.http import HttpRequest
from django.utils.translation import gettext as _

from portal.models import User
from portal.registry import Panel
from review import note_access
from review.models import FrameNote
from review.note_forms import NoteForm

if TYPE_CHECKING:
    from generation.models import Clip

# What one page shows; the download has them all.
SHOWN = 500


def threads(reader: User, clip: Clip) -> list[dict[str, Any]]:
    """The notes that *reader* reads, by frame, each with its replies and its author's name.

    Staff are named to their colleagues only; an artist hears "the programme".
    """
    notes = note_access.notes_for(reader, clip)
    roots = (
        notes.filter(parent__isnull=True)
        .select_related("author")
        .prefetch_related(
            Prefetch("replies", queryset=FrameNote.objects.select_related("author").order_by("id"))
        )
    )
    return [
        {
            "note": note,
            "by": _named(reader, clip, note),
            "drawing": json.dumps(note.drawing),
            "replies": [
                {"note": reply, "by": _named(reader, clip, reply)} for reply in note.replies.all()
            ],
        }
        for note in roots
    ]


def _named(reader: User, clip: Clip, note: FrameNote) -> str:
    is_hidden = clip.artist_id == reader.pk and note.author_id != reader.pk
    return _("The programme") if is_hidden else str(note.author)


def exported(reader: User, clip: Clip) -> dict[str, Any]:
    """What the download is: frames counted from 0, coordinates as ``review.drawings`` says."""
    return {
        "clip": clip.pk,
        "frames": clip.file_frames,
        "fps": clip.fps,
        "notes": [
            {
                **_told(thread),
                "first_frame": thread["note"].first_frame,
                "last_frame": thread["note"].last_frame,
                "drawing": thread["note"].drawing,
                "for_artist": thread["note"].is_for_artist,
                "resolved_at": thread["note"].resolved_at,
                "replies": [_told(reply) for reply in thread["replies"]],
            }
            for thread in threads(reader, clip)
        ],
    }


def _told(said: dict[str, Any]) -> dict[str, Any]:
    note: FrameNote = said["note"]
    return {"by": said["by"], "written_at": note.written_at, "text": note.text}


def notes_context(reader: User, clip: Clip, form: NoteForm | None = None) -> dict[str, Any]:
    """What ``review/partials/notes.html`` shows."""
    return {
        "clip": clip,
        "threads": threads(reader, clip)[:SHOWN],
        "may_note": note_access.may_write(reader, clip),
        "note_form": form or NoteForm(auto_id="note_%s"),
    }


def clip_panel(request: HttpRequest, clip: Clip) -> Panel | None:
    """In the studio: what the programme wrote to the artist about frames of the clip."""
    user = request.user
    if not isinstance(user, User) or not clip.is_ready:
        return None
    context = notes_context(user, clip)
    if not context["threads"]:
        return None
    return Panel(template="review/panels/notes.html", context=context)

"""Named refusals around notes on frames."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portal.errors import GreenroomError


class NoteEmpty(GreenroomError):
    code = "frame_note_empty"
    status = 422
    default_message = _("Write or draw something: this note is empty.")


class FrameOutside(GreenroomError):
    code = "frame_outside"
    status = 422
    default_message = _("The clip has no such frames.")


class DrawingTooLarge(GreenroomError):
    code = "drawing_too_large"
    status = 413
    default_message = _(
        "This drawing is too large to keep, so the note was not written. Draw fewer lines."
    )


class DrawingMisformed(GreenroomError):
    code = "drawing_misformed"
    status = 422
    default_message = _("This drawing could not be read. Please draw it again.")

"""Addresses of notes on frames."""

from __future__ import annotations

from django.urls import path

from review.views import framenotes

urlpatterns = [
    path("review/notes/<uuid:clip_id>/", framenotes.notes, name="notes"),
    path("review/notes/<uuid:clip_id>/notes.json", framenotes.download, name="notes_download"),
    path("review/notes/<int:note_id>/answer/", framenotes.answer, name="notes_answer"),
    path("review/notes/<int:note_id>/resolve/", framenotes.resolve, name="notes_resolve"),
]

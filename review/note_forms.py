"""Forms around notes on frames. Frames are counted from 1 here, as the player shows them."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.forms import GreenroomForm
from review.models.framenote import TEXT_MAX


class NoteForm(GreenroomForm):
    text = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=TEXT_MAX,
        widget=forms.Textarea(attrs={"rows": 2, "data-shortcut": "w", "aria-keyshortcuts": "w"}),
    )
    first = forms.IntegerField(label=_("From frame"), min_value=1, initial=1, max_value=10_000_000)
    last = forms.IntegerField(label=_("To frame"), min_value=1, initial=1, max_value=10_000_000)
    for_artist = forms.BooleanField(label=_("The artist reads it too"), required=False)
    drawing = forms.CharField(required=False, widget=forms.HiddenInput)


class ReplyForm(GreenroomForm):
    text = forms.CharField(label=_("Answer"), max_length=TEXT_MAX)

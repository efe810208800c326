"""Forms of invitations, beside the one that accepts and the one that sends."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.forms import GreenroomForm
from portal.services.invitations import NOTE_MAX


class DeclineForm(GreenroomForm):
    note = forms.CharField(
        label=_("A word to the team"),
        max_length=NOTE_MAX,
        required=False,
        help_text=_("Only if you like. The team of the programme reads it."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

"""The form for a script's key."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.forms import GreenroomForm
from portal.models.access_key import LONGEST_NAME


class ScriptKeyForm(GreenroomForm):
    name = forms.CharField(
        label=_("Name of the key"),
        max_length=LONGEST_NAME,
        initial=_("Script"),
        help_text=_("So that you know it again among your keys."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

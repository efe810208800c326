"""The form of the conversation about a clip."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.forms import GreenroomForm
from review.services.messages import LONGEST


class MessageForm(GreenroomForm):
    text = forms.CharField(
        label=_("Your message"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": LONGEST, "data-autosize": True}),
    )

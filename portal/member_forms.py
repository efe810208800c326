"""Forms around who belongs to a cohort."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.forms import GreenroomForm
from portal.models.cohort import LONGEST_REASON


class RemoveForm(GreenroomForm):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=LONGEST_REASON,
        help_text=_("The artist reads it as it is. It also stands in the log."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class LeaveForm(GreenroomForm):
    reason = forms.CharField(
        label=_("What you would like to say about it"),
        max_length=LONGEST_REASON,
        required=False,
        help_text=_("The programme’s team reads it. You need not give a reason."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ExtendForm(GreenroomForm):
    ends_on = forms.DateField(
        label=_("Ends on"),
        # A browser's date field speaks ISO in every language.
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        localize=False,
    )
    note = forms.CharField(
        label=_("A word to the artists"),
        max_length=LONGEST_REASON,
        required=False,
        help_text=_("They get it with the new date, by mail and on their page."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class CloseForm(GreenroomForm):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=LONGEST_REASON,
        help_text=_("The artists read it as it is. It also stands in the log."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

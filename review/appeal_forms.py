"""Forms around appeals."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.forms import GreenroomForm
from review.services.appeals import LONGEST
from review.states import AppealState


def _words(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "maxlength": LONGEST, "data-autosize": True})


class AppealForm(GreenroomForm):
    text = forms.CharField(
        label=_("Why should it be looked at again?"),
        help_text=_(
            "In your own words: what was misread, what is missing, whose permission you have."
        ),
        required=False,
        max_length=LONGEST,
        widget=_words(6),
    )


class AnswerForm(GreenroomForm):
    """What the lead's page posts: the outcome, and the hashes of the clip on the screen."""

    outcome = forms.ChoiceField(
        choices=[
            (state.value, state.label) for state in (AppealState.UPHELD, AppealState.OVERTURNED)
        ]
    )
    answer = forms.CharField(
        label=_("To the artist"),
        help_text=_("They read it with the outcome. Plain words: what did you see, and why?"),
        required=False,
        max_length=LONGEST,
        widget=_words(5),
    )
    sha256 = forms.CharField(max_length=64)
    settings_sha256 = forms.CharField(max_length=64)

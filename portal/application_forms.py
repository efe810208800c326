"""Forms of the waiting list: who applies, whether anybody may, and what admins do with it."""

from __future__ import annotations

import time
from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.application_errors import ApplicationTooQuick
from portal.forms import GreenroomForm
from portal.models.application import LONGEST_INTRO, LONGEST_LINK, LONGEST_NOTE, MOST_LINKS
from portal.states import ApplicationState

# Nobody reads a page and fills it in faster, and no page is left open longer.
QUICKEST_SECONDS = 3
LONGEST_SECONDS = 24 * 3600
_SALT = "portal.apply"

_is_link = URLValidator(schemes=["https"])


class ApplyForm(GreenroomForm):
    """Two fields of the page are no fields of the form.

    ``website`` is for programs that fill in whatever they find; people do not see it. ``began``
    says, signed, when the page was first shown.
    """

    name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        max_length=254,
        help_text=gettext_lazy("We mail you a link that confirms it."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    links = forms.CharField(
        label=gettext_lazy("Links to your work"),
        required=False,
        max_length=MOST_LINKS * (LONGEST_LINK + 2),
        help_text=gettext_lazy("Up to five, one a line, each beginning with https://"),
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )
    note = forms.CharField(
        label=gettext_lazy("What would you like to make?"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 6}),
    )

    def __init__(self, *args: Any, slug: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.slug = slug

    @property
    def is_by_a_program(self) -> bool:
        """Of a form that was sent: whether the field that nobody sees is filled in."""
        return bool(self.data.get("website", "").strip())

    @property
    def stamp(self) -> str:
        """What ``began`` holds on the page: as it came, or anew where that is worth nothing."""
        if self.is_bound and self._seconds_open() is not None:
            return str(self.data["began"])
        return signing.dumps([self.slug, time.time()], salt=_SALT)

    def clean_links(self) -> list[str]:
        links = [line.strip() for line in self.cleaned_data["links"].splitlines() if line.strip()]
        if len(links) > MOST_LINKS:
            raise ValidationError(_("At most five links."))
        for link in links:
            if len(link) > LONGEST_LINK:
                raise ValidationError(_("A link is too long."))
            try:
                _is_link(link)
            except ValidationError as error:
                raise ValidationError(
                    _("“%(link)s” is no link that begins with https://") % {"link": link}
                ) from error
        return links

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        open_for = self._seconds_open()
        if open_for is None or open_for < QUICKEST_SECONDS:
            self.refuse(ApplicationTooQuick())
        return values

    def _seconds_open(self) -> float | None:
        """None for a stamp that is not ours, of another cohort, or too old."""
        try:
            slug, began = signing.loads(
                str(self.data.get("began", "")), salt=_SALT, max_age=LONGEST_SECONDS
            )
        except (signing.BadSignature, ValueError):
            return None
        return time.time() - began if slug == self.slug else None


class CallForm(GreenroomForm):
    is_open = forms.BooleanField(label=gettext_lazy("Anybody may apply"), required=False)
    opens_on = forms.DateField(
        label=gettext_lazy("From"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        localize=False,
    )
    closes_on = forms.DateField(
        label=gettext_lazy("Until, that day included"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        localize=False,
    )
    intro_en = forms.CharField(
        label=gettext_lazy("What the page says first, in English"),
        required=False,
        max_length=LONGEST_INTRO,
        widget=forms.Textarea(attrs={"rows": 5, "lang": "en"}),
    )
    intro_fr = forms.CharField(
        label=gettext_lazy("What the page says first, in French"),
        required=False,
        max_length=LONGEST_INTRO,
        widget=forms.Textarea(attrs={"rows": 5, "lang": "fr"}),
    )


class ApplicationFilterForm(forms.Form):
    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=[("", gettext_lazy("All confirmed")), *ApplicationState.choices],
    )
    search = forms.CharField(
        label=gettext_lazy("Name, address or words"), required=False, max_length=100
    )
    before = forms.IntegerField(required=False, min_value=1, max_value=2**62)


class RemarkForm(GreenroomForm):
    remark = forms.CharField(
        label=gettext_lazy("Notes for your colleagues"),
        required=False,
        max_length=LONGEST_NOTE,
        help_text=gettext_lazy("Its author does not read them; they are deleted with it."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class WordsForm(GreenroomForm):
    """What goes into a mail to its author."""

    words = forms.CharField(required=False, max_length=LONGEST_NOTE)
    tell = forms.BooleanField(required=False)

"""Forms around conflicts of interest."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.forms import GreenroomForm
from portal.models import User
from review import conflict_access


class ConflictForm(GreenroomForm):
    """Who, with whom, why; a reviewer speaks for themselves alone and is not asked who."""

    person = forms.ModelChoiceField(
        label=_("Colleague"), queryset=User.objects.none(), empty_label=None
    )
    artist = forms.ModelChoiceField(
        label=_("Artist"), queryset=User.objects.none(), empty_label=_("Choose an artist")
    )
    reason = forms.CharField(
        label=_("What the conflict is"),
        help_text=_("Read by leads and admins, and kept in the log. The artist is not told."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user
        people, artists = (
            cast("forms.ModelChoiceField[User]", self.fields[name]) for name in ("person", "artist")
        )
        artists.queryset = conflict_access.artists_of(user)
        if conflict_access.oversees_colleagues(user):
            people.queryset = conflict_access.colleagues_of(user)
            people.initial = user
        else:
            del self.fields["person"]

    @property
    def who(self) -> User:
        """Whom it is about, once the form is valid."""
        found: User = self.cleaned_data.get("person", self._user)
        return found

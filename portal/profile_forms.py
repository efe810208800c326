"""What a person says of themselves, as a form."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.forms import ProfileForm
from portal.models import Profile, User
from portal.models.profile import LONGEST_BIO, LONGEST_LINK, MOST_LINKS
from portal.portraits import ACCEPTS
from portal.services.profiles import Self


class SelfForm(ProfileForm):
    """A profile whose owner is an artist."""

    credit_name = forms.CharField(
        label=_("Credit name"),
        max_length=120,
        required=False,
        help_text=_("Stands under your clips on pages you share. Left empty, your name does."),
    )
    bio = forms.CharField(
        label=_("Short bio"),
        max_length=LONGEST_BIO,
        required=False,
        help_text=_("The programme’s team reads it; no shared page shows it."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    links = forms.CharField(
        label=_("Links"),
        max_length=MOST_LINKS * (LONGEST_LINK + 2),
        required=False,
        help_text=_("Up to five addresses that begin with https://, one a line."),
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )
    portrait = forms.FileField(
        label=_("Portrait"),
        required=False,
        help_text=_("PNG, JPEG or WebP up to 5 MB. It is cut square; nothing else is kept."),
        widget=forms.FileInput(attrs={"accept": ACCEPTS}),
    )
    drop_portrait = forms.BooleanField(label=_("Remove the portrait"), required=False)

    def without_portrait(self) -> SelfForm:
        """For who has none to remove."""
        del self.fields["drop_portrait"]
        return self

    @staticmethod
    def values_of(user: User, profile: Profile | None) -> dict[str, str]:
        return {
            "name": user.name,
            "language": user.language,
            "credit_name": user.credit_name,
            "bio": profile.bio if profile else "",
            "links": "\n".join(profile.links) if profile else "",
        }

    def said(self) -> Self:
        """Of a valid form."""
        values = self.cleaned_data
        return Self(
            name=values["name"],
            language=values["language"],
            credit_name=values["credit_name"],
            bio=values["bio"],
            links=values["links"].splitlines(),
            portrait=values["portrait"],
            drop_portrait=values.get("drop_portrait", False),
        )

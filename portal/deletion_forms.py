"""Forms around the deletion of an account."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.deletion_errors import DeletionUnconfirmed
from portal.forms import GreenroomForm
from portal.models import User
from portal.models.deletion import LONGEST_REASON


class DeletionForm(GreenroomForm):
    """The address of the account that is to go, typed: no slip of a finger deletes anybody."""

    address = forms.CharField(
        label=_("E-mail address of this account"),
        max_length=254,
        help_text=_("Type it, so that we know you mean it."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_address(self) -> str:
        typed: str = self.cleaned_data["address"].strip()
        if typed.casefold() != self.person.email.casefold():
            raise forms.ValidationError(str(DeletionUnconfirmed.default_message))
        return typed


class DeletionByStaffForm(DeletionForm):
    reason = forms.CharField(
        label=_("Who asked for it, and how"),
        max_length=LONGEST_REASON,
        help_text=_(
            "For instance: by letter of 3 May, signed. The person reads it as it is. It also "
            "stands in the log."
        ),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    field_order = ("reason", "address")

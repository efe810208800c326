"""The form that puts somebody's payouts on hold."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from portal.forms import GreenroomForm
from portal.models import User


class HoldForm(GreenroomForm):
    person = forms.ModelChoiceField(
        label=_("Artist"), queryset=User.objects.none(), empty_label=_("Choose an artist")
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        required=False,
        help_text=_("The artist reads this as you write it."),
    )

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[User]", self.fields["person"]).queryset = people

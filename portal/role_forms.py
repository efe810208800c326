"""Forms about colleagues and their roles."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from portal.forms import GreenroomForm
from portal.models import Cohort
from portal.states import Role


class RoleForm(GreenroomForm):
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    cohort = forms.ModelChoiceField(
        label=_("For"),
        queryset=Cohort.objects.none(),
        required=False,
        empty_label=_("Every cohort"),
        help_text=_("Finance admins and operators are there for every cohort."),
    )
    note = forms.CharField(label=_("Reason"), max_length=500, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ModelChoiceField[Cohort]", self.fields["cohort"])
        field.queryset = Cohort.objects.order_by("name")

    def grant(self) -> dict[str, Any]:
        """The values as the services take them."""
        return {
            "role": Role(self.cleaned_data["role"]),
            "cohort": self.cleaned_data["cohort"],
            "note": self.cleaned_data["note"],
        }


class StaffForm(RoleForm):
    email = forms.EmailField(label=_("E-mail address"))
    name = forms.CharField(label=_("Name"), max_length=120)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    field_order = ["email", "name", "language", "role", "cohort", "note"]

"""The log's filters."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from portal import registry
from portal.models import Cohort, User


def _day(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


def _words(label: Any, placeholder: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"placeholder": placeholder}),
    )


class AuditFilterForm(forms.Form):
    """The log's filters, from the address of the page; what makes no sense filters nothing."""

    action = forms.ChoiceField(label=_("What"), required=False)
    person = forms.ModelChoiceField(
        label=_("Who"), queryset=User.objects.none(), required=False, empty_label=_("Everyone")
    )
    cohort = forms.ModelChoiceField(
        label=_("Cohort"),
        queryset=Cohort.objects.none(),
        required=False,
        to_field_name="slug",
        empty_label=_("Every cohort"),
    )
    since = _day(_("From day"))
    until = _day(_("Until day"))
    thing = _words(_("Thing"), _("its number, or portal.user 7"))
    request_id = _words(_("Request"))
    reason = _words(_("Words in the reason"))
    before = forms.IntegerField(
        required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, actions: list[str], cohorts: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        action = cast(forms.ChoiceField, self.fields["action"])
        person = cast("forms.ModelChoiceField[User]", self.fields["person"])
        cohort = cast("forms.ModelChoiceField[Cohort]", self.fields["cohort"])
        known = sorted((registry.action_label(name), name) for name in actions)
        action.choices = [("", _("Everything")), *((name, label) for label, name in known)]
        person.queryset = User.objects.order_by("name", "pk")
        cohort.queryset = cohorts.order_by("name")

"""Forms of webhooks: where to, of what, and how long an old secret lives."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.forms import GreenroomForm
from portal.models import Cohort
from portal.models.webhook import LONGEST_NAME, LONGEST_URL
from portal.services.webhooks import EndpointTerms
from portal.states import WebhookEvent

OVERLAPS = [
    ("0", _("At once|For a secret that somebody else may know.")),
    ("24", _("In a day|Until then both sign: time to put the new one into your script.")),
    ("168", _("In a week")),
]


class WebhookForm(GreenroomForm):
    name = forms.CharField(
        label=_("Name"),
        max_length=LONGEST_NAME,
        help_text=_("What listens there, so that you know it again."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    url = forms.CharField(
        label=_("Address"),
        max_length=LONGEST_URL,
        help_text=_("It begins with https:// and is one that the internet reaches."),
        widget=forms.URLInput(attrs={"autocomplete": "off", "placeholder": "https://"}),
    )
    events = forms.MultipleChoiceField(
        label=_("Tell it when"),
        initial=[event.value for event in WebhookEvent],
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.MultipleChoiceField, self.fields["events"])
        # Put together here, in the language of this request.
        field.choices = [(event.value, f"{event.label}|{event.value}") for event in WebhookEvent]

    def terms(self) -> EndpointTerms:
        values = self.cleaned_data
        return EndpointTerms(
            name=values["name"],
            url=values["url"],
            events=[WebhookEvent(event) for event in values["events"]],
        )


class OwnWebhookForm(WebhookForm):
    cohort = forms.ModelChoiceField(
        label=_("Cohort"), queryset=Cohort.objects.none(), empty_label=None
    )
    field_order = ["name", "cohort", "url", "events"]

    def __init__(self, *args: Any, cohorts: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ModelChoiceField[Cohort]", self.fields["cohort"])
        field.queryset = cohorts
        found = list(cohorts[:2])
        if len(found) == 1:
            field.widget = forms.HiddenInput()
            field.initial = found[0].pk


class RotateSecretForm(GreenroomForm):
    overlap = forms.ChoiceField(
        label=_("The old secret ends"), choices=OVERLAPS, initial="24", widget=forms.RadioSelect
    )

    @property
    def hours(self) -> timedelta:
        return timedelta(hours=int(self.cleaned_data["overlap"]))

"""Forms of access keys: terms, overlap, reasons."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_network
from typing import Any, cast

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from portal.forms import GreenroomForm
from portal.leaks.scoring import HIGHEST_LINE, LOWEST_LINE, MOST_ALLOWED
from portal.models import Cohort
from portal.models.access_key import LONGEST_NAME, MOST_RANGES
from portal.requests import Network
from portal.services.access_keys import KeyTerms
from portal.states import Scope

SCOPES = [
    (Scope.CLIPS_READ, _("See clips|Yours, with their decisions; download what is approved.")),
    (Scope.CLIPS_WRITE, _("Make clips|Ask for clips, remix, cancel and delete yours.")),
    (Scope.FEEDBACK_WRITE, _("Give feedback|File reports in your name.")),
    (Scope.EARNINGS_READ, _("See earnings|What you are owed and were paid.")),
]
LIVES = [
    ("7", _("A week")),
    ("30", _("30 days")),
    ("90", _("90 days")),
    ("180", _("180 days")),
    ("365", _("A year")),
]
OVERLAPS = [
    ("0", _("At once|For a key that somebody else may know.")),
    ("1", _("In an hour")),
    ("24", _("In a day|Time to put the new key into your scripts.")),
    ("168", _("In a week")),
]


class KeyForm(GreenroomForm):
    name = forms.CharField(
        label=_("Name"),
        max_length=LONGEST_NAME,
        help_text=_("What uses it, so that you know it again: “Blender script”, “laptop”."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    cohort = forms.ModelChoiceField(
        label=_("Cohort"), queryset=Cohort.objects.none(), empty_label=None
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=SCOPES,
        initial=[Scope.CLIPS_READ, Scope.CLIPS_WRITE],
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.ChoiceField(label=_("Works for"), choices=LIVES, initial="90")
    ip_ranges = forms.CharField(
        label=_("Only from these networks"),
        required=False,
        max_length=1000,
        help_text=_(
            "One a line: an address (203.0.113.7) or a network (203.0.113.0/24). "
            "Left empty, it works from anywhere."
        ),
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )
    gpu_minutes = forms.IntegerField(
        label=_("GPU minutes in all"),
        required=False,
        help_text=_("A limit of this key, within your own budget. Left empty, it sets none."),
        validators=[MinValueValidator(1), MaxValueValidator(1_000_000)],
        widget=forms.NumberInput(attrs={"min": 1, "max": 1_000_000}),
    )
    rate_per_minute = forms.IntegerField(
        label=_("Requests per minute"),
        required=False,
        help_text=_("A script that runs wild is slowed down. Left empty, it sets no limit."),
        validators=[MinValueValidator(1), MaxValueValidator(10_000)],
        widget=forms.NumberInput(attrs={"min": 1, "max": 10_000}),
    )

    def __init__(self, *args: Any, cohorts: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_cohorts(self.fields["cohort"], cohorts)

    def clean_ip_ranges(self) -> list[Network]:
        lines = [line.strip() for line in self.cleaned_data["ip_ranges"].splitlines()]
        found = [_network(line) for line in lines if line]
        if len(found) > MOST_RANGES:
            raise forms.ValidationError(_("At most 20 networks for one key."))
        return found

    def terms(self) -> KeyTerms:
        values = self.cleaned_data
        minutes = values["gpu_minutes"]
        return KeyTerms(
            name=values["name"],
            scopes=[Scope(scope) for scope in values["scopes"]],
            lifetime=timedelta(days=int(values["days"])),
            ip_ranges=values["ip_ranges"],
            gpu_seconds=None if minutes is None else minutes * 60,
            rate_per_minute=values["rate_per_minute"],
        )


class CodeForm(GreenroomForm):
    """The code that a program shows."""

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        help_text=_("Eight letters, as your program shows them. Case and dash do not matter."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )


class DeviceForm(GreenroomForm):
    """What the key of a program that is let in is for."""

    code = forms.CharField(max_length=40, widget=forms.HiddenInput())
    name = forms.CharField(
        label=_("Name of its key"),
        max_length=LONGEST_NAME,
        help_text=_("It stands in your list of keys under this name."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    cohort = forms.ModelChoiceField(
        label=_("Cohort"), queryset=Cohort.objects.none(), empty_label=None
    )
    days = forms.ChoiceField(label=_("Works for"), choices=LIVES, initial="90")

    def __init__(self, *args: Any, cohorts: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_cohorts(self.fields["cohort"], cohorts)


class RotateForm(GreenroomForm):
    overlap = forms.ChoiceField(
        label=_("The old key ends"), choices=OVERLAPS, initial="24", widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, is_frozen: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_frozen:
            field = cast("forms.ChoiceField", self.fields["overlap"])
            field.choices, field.initial = OVERLAPS[:1], OVERLAPS[0][0]

    @property
    def hours(self) -> timedelta:
        return timedelta(hours=int(self.cleaned_data["overlap"]))


class LeakPolicyForm(GreenroomForm):
    line = forms.IntegerField(
        label=_("Points that make a leak"),
        help_text=_(
            "100 is made for most programmes. Lower is stricter and stops honest artists sooner."
        ),
        validators=[MinValueValidator(LOWEST_LINE), MaxValueValidator(HIGHEST_LINE)],
        widget=forms.NumberInput(attrs={"min": LOWEST_LINE, "max": HIGHEST_LINE}),
    )
    more_networks = forms.IntegerField(
        label=_("Networks beyond the usual"),
        help_text=_(
            "How many more than six within ten minutes are ordinary here: for a company on tour, "
            "or scripts on many rented machines."
        ),
        validators=[MinValueValidator(0), MaxValueValidator(MOST_ALLOWED)],
        widget=forms.NumberInput(attrs={"min": 0, "max": MOST_ALLOWED}),
    )
    is_shadow = forms.BooleanField(
        label=_("Only report"),
        required=False,
        help_text=_("Admins are told, and nothing is frozen."),
    )


class RevokeKeyForm(GreenroomForm):
    reason = forms.CharField(
        label=_("Reason"), max_length=500, help_text=_("The key’s owner reads it.")
    )


def _offer_cohorts(asked: forms.Field, cohorts: Any) -> None:
    """*cohorts* to choose from; where there is one, nothing is asked."""
    field = cast("forms.ModelChoiceField[Cohort]", asked)
    field.queryset = cohorts
    found = list(cohorts[:2])
    if len(found) == 1:
        field.widget = forms.HiddenInput()
        field.initial = found[0].pk


def _network(line: str) -> Network:
    try:
        network = ip_network(line)
    except ValueError:
        raise forms.ValidationError(
            _("“%(line)s” is no address and no network."), params={"line": line[:60]}
        ) from None
    if network.prefixlen == 0:
        raise forms.ValidationError(_("“%(line)s” is everywhere."), params={"line": line})
    return network

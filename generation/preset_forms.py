"""Forms of presets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from generation.errors import PresetNameMissing, PresetTextTooLong, StyleTooLong
from generation.forms import HiddenFieldsForm
from generation.models.preset import STYLE_MAX
from generation.services.presets import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping


class PresetForm(HiddenFieldsForm):
    """What a preset is called and the style it adds to the prompt."""

    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        error_messages={
            "required": PresetNameMissing.default_message,
            "max_length": PresetTextTooLong.default_message,
        },
    )
    about = forms.CharField(
        label=_("Description"),
        required=False,
        max_length=200,
        error_messages={"max_length": PresetTextTooLong.default_message},
    )
    style = forms.CharField(
        label=_("Style"),
        required=False,
        max_length=STYLE_MAX,
        help_text=_("Added to each prompt, for example: watercolour, soft light."),
        error_messages={"max_length": StyleTooLong.default_message},
    )


class NewPresetForm(PresetForm):
    """A preset of what the studio's form says; ``prompt`` goes back there."""

    is_shared = forms.BooleanField(label=_("Share it with everybody in the cohort"), required=False)
    cohort = forms.CharField(required=False, widget=forms.HiddenInput)
    prompt = forms.CharField(required=False, widget=forms.HiddenInput)
    model_key = forms.CharField(max_length=80, widget=forms.HiddenInput)
    size = forms.CharField(max_length=20, widget=forms.HiddenInput)
    frames = forms.IntegerField(widget=forms.HiddenInput)
    steps = forms.IntegerField(required=False, widget=forms.HiddenInput)
    guidance = forms.DecimalField(required=False, widget=forms.HiddenInput)
    strength = forms.DecimalField(required=False, widget=forms.HiddenInput)
    adapter_key = forms.CharField(required=False, max_length=80, widget=forms.HiddenInput)
    adapter_weight = forms.DecimalField(required=False, widget=forms.HiddenInput)

    SETTINGS = (
        *("model_key", "size", "frames", "steps", "guidance", "strength"),
        *("adapter_key", "adapter_weight"),
    )

    @property
    def settings(self) -> Settings:
        return Settings(**{name: self.cleaned_data[name] for name in self.SETTINGS})

    @property
    def words(self) -> Mapping[str, Any]:
        return {name: self.cleaned_data[name] for name in ("name", "about", "style", "is_shared")}

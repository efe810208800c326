"""The three consents as they are asked beside a signature."""

from __future__ import annotations

from typing import Any

from django import forms

from portal.consent_texts import current
from portal.consents import Standing
from portal.forms import SignForm
from portal.states import ConsentKind


class SignWithConsentsForm(SignForm):
    """A signature, and what else is allowed: nothing of it is ticked or needed."""

    def __init__(self, *args: Any, standings: list[Standing], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = [standing.kind for standing in standings if not standing.given]
        for kind in self.asked:
            text = current(kind)
            self.fields[f"consent_{kind}"] = forms.BooleanField(
                label=text.words.ask, help_text=text.words.governs, required=False
            )
            self.fields[f"shown_{kind}"] = forms.CharField(
                required=False, max_length=64, initial=text.sha256, widget=forms.HiddenInput
            )

    @property
    def consent_fields(self) -> list[forms.BoundField]:
        return [self[f"{prefix}_{kind}"] for kind in self.asked for prefix in ("consent", "shown")]

    @property
    def ticked(self) -> dict[ConsentKind, str]:
        """The hash of the words shown of each consent that was given."""
        return {
            kind: self.cleaned_data[f"shown_{kind}"]
            for kind in self.asked
            if self.cleaned_data[f"consent_{kind}"]
        }

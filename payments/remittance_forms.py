"""Forms about remittances: what was typed, made into values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from payments.models import Remittance
from payments.states import REMITTANCE_TRANSITIONS, RailKind, RemittanceState
from portal.forms import GreenroomForm

_ANSWERS = {
    RemittanceState.SETTLED: _("It arrived"),
    RemittanceState.FAILED: _("It came back"),
    RemittanceState.UNKNOWN: _("Nobody can say yet"),
}


class AnswerForm(GreenroomForm):
    """What became of one transfer, out of what its state allows."""

    outcome = forms.ChoiceField(label=_("What became of it"), widget=forms.RadioSelect)
    bank_reference = forms.CharField(
        label=_("Bank reference"),
        required=False,
        max_length=64,
        help_text=_("As it stands on the bank’s statement."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    reason = forms.CharField(
        label=_("Why it came back"),
        required=False,
        max_length=300,
        help_text=_("The artist reads this as you write it."),
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=300,
        help_text=_("How you found out; for the team alone."),
    )

    def __init__(self, *args: Any, remittance: Remittance, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        allowed = REMITTANCE_TRANSITIONS[RemittanceState(remittance.state)]
        outcome = cast(forms.ChoiceField, self.fields["outcome"])
        outcome.choices = [
            (state.value, words) for state, words in _ANSWERS.items() if state in allowed
        ]

    @property
    def outcome_chosen(self) -> RemittanceState:
        return RemittanceState(self.cleaned_data["outcome"])


class SettleAllForm(GreenroomForm):
    bank_reference = forms.CharField(
        label=_("Bank reference"),
        max_length=64,
        help_text=_("As it stands on the bank’s statement."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class ExportForm(GreenroomForm):
    """How the money leaves, out of the rails that can carry this payout."""

    rail = forms.ChoiceField(
        label=_("How the money leaves"),
        choices=RailKind.choices,
        required=False,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, possible: Sequence[RailKind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rail = cast(forms.ChoiceField, self.fields["rail"])
        rail.choices = [(kind.value, kind.label) for kind in possible]
        rail.initial = possible[0].value if possible else None

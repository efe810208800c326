"""The form that plans what a cohort's work may cost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.forms import GreenroomForm
from portal.templatetags.greenroom import minor_units


class BudgetForm(GreenroomForm):
    amount = forms.DecimalField(label=_("Amount"))

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = minor_units(currency)
        smallest = Decimal(1).scaleb(-self.places)
        self.fields["amount"] = forms.DecimalField(
            label=_("Amount in %(currency)s") % {"currency": currency},
            help_text=_("For all work of the cohort, from its first day to its last."),
            max_digits=14,
            decimal_places=self.places,
            min_value=smallest,
            localize=False,
            widget=forms.NumberInput(attrs={"step": str(smallest), "inputmode": "decimal"}),
        )

    @property
    def amount_minor(self) -> int:
        return int(self.cleaned_data["amount"].scaleb(self.places))

"""The form that sets the floor of an hour's pay."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.forms import GreenroomForm
from portal.templatetags.greenroom import minor_units


class FloorForm(GreenroomForm):
    """It asks how much and from when, and has no box for what anyone thought."""

    amount = forms.DecimalField(max_digits=12)
    month = forms.DateField(
        label=pgettext_lazy("date", "From"),
        help_text=_("The floor holds from the first day of that month."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        localize=False,
    )

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        places = minor_units(currency)
        self.fields["amount"] = forms.DecimalField(
            label=_("Amount in %(currency)s") % {"currency": currency},
            help_text=_("For an hour on record; 0 for no floor."),
            min_value=Decimal(0),
            max_digits=12,
            decimal_places=places,
            localize=False,
            widget=forms.NumberInput(
                attrs={"min": 0, "step": str(Decimal(1).scaleb(-places)), "inputmode": "decimal"}
            ),
        )
        self.fields["month"].initial = timezone.localdate().replace(day=1)

    def terms(self) -> dict[str, Any]:
        """The values as ``set_floor`` takes them."""
        month: date = self.cleaned_data["month"]
        amount: Decimal = self.cleaned_data["amount"]
        return {
            "amount_minor": int(amount.scaleb(minor_units(self.currency))),
            "currency": self.currency,
            "month": month,
        }

"""What the list of signatures is narrowed by."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.models import Agreement, Cohort
from portal.signers import SIGNED, WAITING, SignerFilter


class SignerFilterForm(forms.Form):
    """The list's filters, from the address of the page; what makes no sense filters nothing."""

    standing = forms.ChoiceField(
        label=_("Signature"),
        required=False,
        choices=[("", _("All")), (SIGNED, _("Signed")), (WAITING, _("Not yet signed"))],
    )
    cohort = forms.ModelChoiceField(
        label=_("Cohort"),
        required=False,
        queryset=Cohort.objects.none(),
        empty_label=_("All"),
    )

    def __init__(self, *args: Any, agreement: Agreement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cohort"].queryset = agreement.cohorts.order_by("name")  # type: ignore[attr-defined]

    def chosen(self) -> SignerFilter:
        self.is_valid()
        values = self.cleaned_data
        return SignerFilter(standing=values.get("standing") or "", cohort=values.get("cohort"))

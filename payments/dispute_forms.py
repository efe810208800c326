"""Forms of disputes: what was typed, made into values."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from payments.models import WorkItem
from payments.models.dispute import WORDS_LIMIT
from portal.forms import GreenroomForm
from portal.models import Cohort
from portal.templatetags.greenroom import minor_units


def _words(label: Any, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=WORDS_LIMIT,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 4, "data-autosize": True}),
    )


class WorkChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.pk} · {obj.get_kind_display()}: {obj.about}"


class RaiseForm(GreenroomForm):
    token = forms.UUIDField(widget=forms.HiddenInput)
    cohort = forms.ModelChoiceField(
        label=_("Cohort"), queryset=Cohort.objects.none(), empty_label=None
    )
    work = WorkChoice(
        label=_("About which line of your earnings"),
        queryset=WorkItem.objects.none(),
        required=False,
        empty_label=_("Work that is not recorded"),
    )
    text = _words(_("What is wrong"), _("Finance reads this as you write it, and answers."))

    def __init__(
        self, *args: Any, cohorts: QuerySet[Cohort], work: QuerySet[WorkItem], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        cohort = cast("forms.ModelChoiceField[Cohort]", self.fields["cohort"])
        cohort.queryset = cohorts
        if len(cohorts) == 1:
            cohort.widget = forms.HiddenInput()
            cohort.initial = cohorts[0].pk
        cast(WorkChoice, self.fields["work"]).queryset = work


class SayForm(GreenroomForm):
    text = _words(_("Your words"))


class EndForm(GreenroomForm):
    """How finance ends it: with an amount, or with words alone."""

    outcome = forms.ChoiceField(
        label=_("How it ends"),
        choices=[("settle", _("With an entry")), ("close", _("With words alone"))],
        widget=forms.RadioSelect,
        initial="settle",
    )
    amount = forms.DecimalField(max_digits=12, required=False)
    text = _words(
        _("Reason"), _("The artist reads this as you write it; it stands by the entry, too.")
    )

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        places = minor_units(currency)
        self.fields["amount"] = forms.DecimalField(
            label=_("Amount in %(currency)s") % {"currency": currency},
            help_text=_("What is added; below zero, what is taken off."),
            required=False,
            max_digits=12,
            decimal_places=places,
            localize=False,
            widget=forms.NumberInput(
                attrs={"step": str(Decimal(1).scaleb(-places)), "inputmode": "decimal"}
            ),
        )

    @property
    def amount_minor(self) -> int:
        amount: Decimal = self.cleaned_data["amount"] or Decimal(0)
        return int(amount.scaleb(minor_units(self.currency)))

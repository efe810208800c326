"""Forms of payments: what was typed, made into values. Rules live in the services."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from generation.access import clips_visible_to
from generation.models import Clip
from generation.states import ClipState
from payments.models import Feedback, PayeeDetails
from payments.models.feedback import TEXT_LIMIT
from payments.services.feedback import Report
from payments.session_states import Confirmer
from payments.states import CapPeriod, PayeeMethod, RateKind, TriageStatus
from portal import registry
from portal.forms import GreenroomForm
from portal.models import Cohort, User
from portal.templatetags.greenroom import minor_units


def _words(label: Any, help_text: Any, rows: int) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=False,
        max_length=TEXT_LIMIT,
        widget=forms.Textarea(attrs={"rows": rows, "data-autosize": True}),
    )


class FeedbackForm(GreenroomForm):
    """One report; every box may stay empty, but not all of them when it is filed."""

    token = forms.UUIDField(widget=forms.HiddenInput)
    cohort = forms.ModelChoiceField(
        label=_("Cohort"), queryset=Cohort.objects.none(), empty_label=None
    )
    model_key = forms.ChoiceField(label=_("Model"))
    clip = forms.ModelChoiceField(
        label=_("About one of your clips"),
        queryset=Clip.objects.none(),
        required=False,
        empty_label=_("No clip in particular"),
    )
    tried = _words(_("What you tried"), _("What you had in mind, and how you asked for it."), 4)
    happened = _words(_("What happened"), _("What came out; what surprised you."), 4)
    change = _words(_("What should change"), _("In the model, in the tool, in the programme."), 4)
    opinion = _words(
        _("Anything else"),
        _("Any opinion, praise or criticism. It makes no difference to your pay."),
        4,
    )
    minutes = forms.IntegerField(
        label=_("Minutes spent"),
        required=False,
        help_text=_("If you kept count."),
        validators=[MinValueValidator(1), MaxValueValidator(6_000)],
        widget=forms.NumberInput(attrs={"min": 1, "max": 6_000, "inputmode": "numeric"}),
    )
    picture = forms.FileField(
        label=_("Picture"),
        required=False,
        help_text=_("PNG, JPEG or WebP, up to 5 MB. Hidden data in the file is not kept."),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )
    drop_picture = forms.BooleanField(label=_("Remove the picture"), required=False)

    def __init__(
        self,
        *args: Any,
        author: User,
        cohorts: QuerySet[Cohort],
        feedback: Feedback | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        cohort = cast("forms.ModelChoiceField[Cohort]", self.fields["cohort"])
        model = cast(forms.ChoiceField, self.fields["model_key"])
        clip = cast("forms.ModelChoiceField[Clip]", self.fields["clip"])
        cohort.queryset = cohorts
        model.choices = _models_of(cohorts, feedback)
        clip.queryset = clips_visible_to(author).filter(state=ClipState.READY)
        if len(cohorts) == 1:
            cohort.widget = forms.HiddenInput()
            cohort.initial = cohorts[0].pk
        if feedback is None or not feedback.picture:
            del self.fields["drop_picture"]

    def clean_picture(self) -> Any:
        # An empty file field posts an empty name; that is no picture, not a broken one.
        return self.cleaned_data.get("picture") or None

    def report(self) -> Report:
        """What was typed, for the service."""
        typed = self.cleaned_data
        return Report(
            cohort=typed["cohort"],
            model_key=typed["model_key"],
            clip=typed["clip"],
            tried=typed["tried"].strip(),
            happened=typed["happened"].strip(),
            change=typed["change"].strip(),
            opinion=typed["opinion"].strip(),
            minutes=typed["minutes"],
            picture=typed["picture"],
            drop_picture=typed.get("drop_picture", False),
        )

    @classmethod
    def values_of(cls, feedback: Feedback) -> dict[str, Any]:
        """Initial values for editing a draft."""
        names = ("model_key", "tried", "happened", "change", "opinion", "minutes", "token")
        values = {name: getattr(feedback, name) for name in names}
        return {**values, "cohort": feedback.cohort_id, "clip": feedback.clip_id}


def _models_of(cohorts: QuerySet[Cohort], feedback: Feedback | None) -> list[tuple[str, Any]]:
    """Models the cohorts offer, by title; a draft's own model stays choosable."""
    titles = dict(registry.model_choices())
    keys = {key for cohort in cohorts for key in cohort.models_on_offer}
    if feedback is not None:
        keys.add(feedback.model_key)
    return sorted(((key, titles.get(key, key)) for key in keys), key=lambda pair: str(pair[1]))


class TriageForm(GreenroomForm):
    outcome = forms.ChoiceField(label=_("What became of it"), choices=TriageStatus.choices)
    note = forms.CharField(
        label=_("Note to the author"),
        required=False,
        max_length=1_000,
        help_text=_("They read this as you write it."),
        widget=forms.Textarea(attrs={"rows": 3, "data-autosize": True}),
    )


class FeedbackFilterForm(forms.Form):
    """Filters of the list, from the address of the page; nonsense filters nothing."""

    cohort = forms.ModelChoiceField(
        label=_("Cohort"),
        queryset=Cohort.objects.none(),
        required=False,
        to_field_name="slug",
        empty_label=_("Every cohort"),
    )
    model = forms.ChoiceField(label=_("Model"), required=False)
    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[("", _("Any")), ("new", _("Not read yet")), *TriageStatus.choices],
    )

    def __init__(
        self, *args: Any, cohorts: QuerySet[Cohort], models: list[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        cohort = cast("forms.ModelChoiceField[Cohort]", self.fields["cohort"])
        model = cast(forms.ChoiceField, self.fields["model"])
        cohort.queryset = cohorts
        titles = dict(registry.model_choices())
        model.choices = [("", _("Every model")), *((key, titles.get(key, key)) for key in models)]


class RateForm(GreenroomForm):
    """A new version of one rate. It asks what was done, and has no box for what anyone thought."""

    kind = forms.ChoiceField(label=_("Work"), choices=RateKind.choices)
    amount = forms.DecimalField(label=_("Amount"), min_value=Decimal(0), max_digits=12)
    effective_from = forms.DateField(
        label=pgettext_lazy("date", "From"),
        help_text=_("Work done before that day keeps its rate."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        localize=False,
    )
    cap_count = forms.IntegerField(
        label=_("At most"),
        required=False,
        help_text=_("Paid pieces per artist; leave empty for no limit."),
        validators=[MinValueValidator(1), MaxValueValidator(10_000)],
        widget=forms.NumberInput(attrs={"min": 1, "inputmode": "numeric"}),
    )
    cap_period = forms.ChoiceField(label=_("In"), choices=CapPeriod.choices, initial=CapPeriod.NONE)
    confirmed_by = forms.ChoiceField(
        label=_("Confirmed by"),
        choices=Confirmer.choices,
        initial=Confirmer.NOBODY,
        required=False,
        help_text=_("Of testing sessions: who says that the time was spent."),
    )

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        places = minor_units(currency)
        self.fields["amount"] = forms.DecimalField(
            label=_("Amount in %(currency)s") % {"currency": currency},
            help_text=_("For one piece of work, or for one hour of a testing session."),
            max_digits=12,
            decimal_places=places,
            localize=False,
            widget=forms.NumberInput(
                attrs={"min": 0, "step": str(Decimal(1).scaleb(-places)), "inputmode": "decimal"}
            ),
        )
        self.fields["effective_from"].initial = timezone.localdate()

    def terms(self) -> dict[str, Any]:
        """The values as ``set_rate`` takes them."""
        typed = self.cleaned_data
        return {
            "kind": RateKind(typed["kind"]),
            "amount_minor": int(typed["amount"].scaleb(minor_units(self.currency))),
            "currency": self.currency,
            "effective_from": typed["effective_from"],
            "cap_count": typed["cap_count"],
            "cap_period": CapPeriod(typed["cap_period"]),
            "confirmed_by": Confirmer(typed["confirmed_by"] or Confirmer.NOBODY),
        }


class PayeeForm(GreenroomForm):
    method = forms.ChoiceField(
        label=_("Pay me by"), choices=PayeeMethod.choices, widget=forms.RadioSelect
    )
    holder = forms.CharField(
        label=_("Account holder"),
        max_length=70,
        help_text=_("The name the account is under."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    iban = forms.CharField(
        label=_("IBAN"),
        required=False,
        max_length=60,
        help_text=_("With or without spaces."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    paypal_email = forms.CharField(
        label=_("PayPal address"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    @property
    def account(self) -> str:
        """The field that the chosen method asks for, as typed."""
        chosen = "iban" if self.cleaned_data["method"] == PayeeMethod.IBAN else "paypal_email"
        typed: str = self.cleaned_data[chosen]
        return typed

    @classmethod
    def values_of(cls, details: PayeeDetails | None, user: User) -> dict[str, Any]:
        """Initial values; the account itself is not shown again."""
        if details is None:
            return {"method": PayeeMethod.IBAN, "holder": user.name}
        return {"method": details.method, "holder": details.holder}


class Pairs(forms.Field):
    """``artist:minor units`` pairs as a dict; the service compares them with what is owed."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> dict[int, int]:
        pairs: dict[int, int] = {}
        for text in value or ():
            artist, _colon, total = str(text).partition(":")
            if len(text) > 40 or not (artist.isdecimal() and total.isdecimal()):
                raise forms.ValidationError(_("This page is damaged. Please load it again."))
            pairs[int(artist)] = int(total)
        return pairs


class DraftPayoutForm(GreenroomForm):
    """Which artists a payout pays, each with the total that stood on the page."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    through = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    pay = Pairs(required=False)


class CancelPayoutForm(GreenroomForm):
    reason = forms.CharField(label=_("Reason"), required=False, max_length=300)

"""Forms of the ground floor: what was typed, made into values. Rules live in the services."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from portal import keys, registry
from portal.errors import GreenroomError, KeyInText
from portal.features import EXPLAINED
from portal.models import Agreement, Cohort, User
from portal.states import Feature, ReviewMode
from portal.templatetags.greenroom import CURRENCIES

Result = TypeVar("Result")

# ``gpu_minutes_…`` in the form, ``gpu_seconds_…`` in the cohort.
BUDGETS = ("per_artist_week", "per_artist", "of_cohort_week", "of_cohort")


class GreenroomForm(forms.Form):
    """A form that can carry a service's refusal and knows the HTTP status of its page."""

    refusal: GreenroomError | None = None

    def attempt(self, call: Callable[[], Result]) -> Result | None:
        """Run *call*; a refusal becomes this form's error and answers None."""
        try:
            return call()
        except GreenroomError as error:
            self.refuse(error)
            return None

    def refuse(self, error: GreenroomError) -> None:
        self.refusal = error
        self.add_error(error.field if error.field in self.fields else None, str(error.message))

    def full_clean(self) -> None:
        """Refuse an access key in any text: a prompt or a reason is read by others."""
        super().full_clean()
        for name, value in list(getattr(self, "cleaned_data", {}).items()):
            if isinstance(value, str) and keys.find_in(value):
                self.add_error(name, str(KeyInText.default_message))

    @property
    def status(self) -> int:
        """Status of the page that shows this form."""
        if self.refusal is not None:
            return self.refusal.status
        return 400 if self.is_bound and self.errors else 200


def _text(
    label: Any, *, rows: int, maximum: int, required: bool = True, help_text: Any = ""
) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=maximum,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


def _minutes(label: Any, *, initial: int | None = None, help_text: Any = "") -> forms.IntegerField:
    """A budget in GPU minutes; left empty it sets none."""
    return _at_most(label, most=10_000_000, initial=initial, help_text=help_text)


def _at_most(
    label: Any, *, most: int, initial: int | None, help_text: Any = ""
) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        initial=initial,
        required=False,
        help_text=help_text,
        validators=[MinValueValidator(1), MaxValueValidator(most)],
        widget=forms.NumberInput(attrs={"min": 1, "max": most}),
    )


def _day(label: Any, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        help_text=help_text,
        # A browser's date field speaks ISO in every language.
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        localize=False,
    )


def _language() -> forms.ChoiceField:
    return forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)


class AcceptForm(GreenroomForm):
    """A new account from an invitation; ``way`` says whether a password or a passkey."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        help_text=_("It is shown on your clips and pages you share. You can change it later."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        help_text=_("At least 10 characters. Three or four words in a row are good."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=True),
    )
    way = forms.ChoiceField(
        choices=[("password", "password"), ("passkey", "passkey")],
        required=False,
        widget=forms.HiddenInput,
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    @property
    def wants_passkey(self) -> bool:
        return self.data.get("way") == "passkey"

    def clean_password(self) -> str | None:
        if self.wants_passkey:
            return None
        password: str = self.cleaned_data["password"]
        if not password:
            raise ValidationError(_("Choose a password, or go on with a passkey."))
        validate_password(
            password, User(email=self.email, name=self.cleaned_data.get("name") or "")
        )
        return password


class SignForm(GreenroomForm):
    """A signature under the very text that was shown."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    sha256 = forms.CharField(max_length=64, widget=forms.HiddenInput)
    has_read = forms.BooleanField(label=_("I have read this agreement and accept it."))
    name_typed = forms.CharField(
        label=_("Type your full name to sign"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={
            "required": _("Please type your name: it stands for your signature."),
        },
    )


class InviteForm(GreenroomForm):
    email = forms.EmailField(label=_("E-mail address"))
    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        required=False,
        help_text=_("How the mail greets them. They can change it when they accept."),
    )
    language = _language()
    note = _text(
        _("Personal note"),
        rows=4,
        maximum=2000,
        required=False,
        help_text=_("A few words of your own in the mail: why them, what you hope to see."),
    )


class CohortForm(GreenroomForm):
    name = forms.CharField(label=_("Name"), max_length=80)
    starts_on = _day(_("Starts on"))
    ends_on = _day(_("Ends on"))
    seats = forms.IntegerField(
        label=_("Seats"),
        initial=50,
        validators=[MinValueValidator(1), MaxValueValidator(10_000)],
        widget=forms.NumberInput(attrs={"min": 1, "max": 10_000}),
    )
    agreement = forms.ModelChoiceField(
        label=_("Agreement"),
        queryset=Agreement.objects.order_by("title"),
        empty_label=None,
        help_text=_("Artists sign its newest version before they make a clip."),
    )
    models_on_offer = forms.MultipleChoiceField(
        label=_("Models on offer"), widget=forms.CheckboxSelectMultiple
    )
    gpu_minutes_per_artist_week = _minutes(_("Each artist, per week"))
    gpu_minutes_per_artist = _minutes(_("Each artist, in all"), initial=600)
    gpu_minutes_of_cohort_week = _minutes(_("The whole cohort, per week"))
    gpu_minutes_of_cohort = _minutes(_("The whole cohort, in all"))
    clips_running_per_artist = _at_most(
        _("Clips running at once"),
        most=100,
        initial=2,
        help_text=_("On GPUs at the same time. The others wait."),
    )
    clips_waiting_per_artist = _at_most(
        _("Clips waiting"),
        most=10_000,
        initial=40,
        help_text=_("In the queue. More are refused until one begins."),
    )
    review_mode = forms.ChoiceField(
        label=_("Clips enter review"),
        choices=[
            (
                ReviewMode.ON_SUBMIT,
                _("When the artist submits it|Drafts stay private; chosen clips are looked at."),
            ),
            (
                ReviewMode.EVERY_CLIP,
                _("Every finished clip|Each clip goes to the reviewers as soon as it is ready."),
            ),
        ],
        initial=ReviewMode.ON_SUBMIT,
        widget=forms.RadioSelect,
    )
    review_hours = forms.IntegerField(
        label=_("Hours to a decision"),
        initial=48,
        help_text=_("The artist sees this moment; a late review goes to the admins by itself."),
        validators=[MinValueValidator(1), MaxValueValidator(720)],
        widget=forms.NumberInput(attrs={"min": 1, "max": 720}),
    )
    appeal_hours = forms.IntegerField(
        label=_("Hours to the answer of an appeal"),
        initial=72,
        help_text=_("A lead or an admin who had no part in the decision answers it."),
        validators=[MinValueValidator(1), MaxValueValidator(720)],
        widget=forms.NumberInput(attrs={"min": 1, "max": 720}),
    )
    approvals_needed = forms.TypedChoiceField(
        label=_("Approvals"),
        coerce=int,
        choices=[
            (1, _("One person|The first approval lets a clip leave.")),
            (2, _("Two people|Two different people approve before a clip may leave.")),
        ],
        initial=1,
        help_text=_("Clips that wait already keep the number they began with."),
        widget=forms.RadioSelect,
    )
    features = forms.TypedMultipleChoiceField(
        label=_("What artists can use"),
        coerce=Feature,
        choices=[
            (feature, format_lazy("{}|{}", feature.label, EXPLAINED[feature]))
            for feature in Feature
        ],
        initial=Feature.values,
        required=False,
        help_text=_("It counts from the next request on. Nothing that exists is taken away."),
        widget=forms.CheckboxSelectMultiple,
    )
    currency = forms.ChoiceField(
        label=_("Currency"),
        choices=[(code, code) for code in CURRENCIES],
        initial="EUR",
        help_text=_("What everyone in this cohort is paid in."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.MultipleChoiceField, self.fields["models_on_offer"])
        field.choices = [(key, title) for key, title in registry.model_choices()]
        if len(field.choices) == 1:
            # With one model in the catalogue there is nothing to choose.
            self.initial.setdefault("models_on_offer", [key for key, _title in field.choices])

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        starts_on, ends_on = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", _("The end cannot be before the start."))
        return cleaned

    def terms(self) -> dict[str, Any]:
        """The values as the cohort services take them."""
        terms = dict(self.cleaned_data)
        for budget in BUDGETS:
            minutes = terms.pop(f"gpu_minutes_{budget}")
            terms[f"gpu_seconds_{budget}"] = None if minutes is None else minutes * 60
        terms["review_mode"] = ReviewMode(terms["review_mode"])
        terms["features_off"] = set(Feature) - set(terms.pop("features"))
        return terms

    @classmethod
    def values_of(cls, cohort: Cohort) -> dict[str, Any]:
        """Initial values for editing *cohort*."""
        return {
            "name": cohort.name,
            "starts_on": cohort.starts_on,
            "ends_on": cohort.ends_on,
            "seats": cohort.seats,
            "agreement": cohort.agreement_id,
            "models_on_offer": cohort.models_on_offer,
            **{f"gpu_minutes_{budget}": _whole_minutes(cohort, budget) for budget in BUDGETS},
            "clips_running_per_artist": cohort.clips_running_per_artist,
            "clips_waiting_per_artist": cohort.clips_waiting_per_artist,
            "review_mode": cohort.review_mode,
            "review_hours": cohort.review_hours,
            "appeal_hours": cohort.appeal_hours,
            "approvals_needed": cohort.approvals_needed,
            "features": [feature for feature in Feature if cohort.offers(feature)],
            "currency": cohort.currency,
        }


def _whole_minutes(cohort: Cohort, budget: str) -> int | None:
    seconds: int | None = getattr(cohort, f"gpu_seconds_{budget}")
    return None if seconds is None else seconds // 60


class ReasonForm(GreenroomForm):
    reason = forms.CharField(
        label=_("Reason"), max_length=500, required=False, widget=forms.TextInput
    )


class BriefForm(GreenroomForm):
    title = forms.CharField(label=_("Title"), max_length=120)
    text = _text(
        _("What is asked"),
        rows=8,
        maximum=5000,
        help_text=_("Say what you would like to see and what is free. Artists read this as it is."),
    )
    due_on = _day(_("By"))
    takes_wanted = forms.IntegerField(
        label=_("Takes"),
        initial=1,
        help_text=_("How many finished clips each artist is paid for."),
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        widget=forms.NumberInput(attrs={"min": 1, "max": 100}),
    )


class VersionForm(GreenroomForm):
    body_en = _text(_("Text in English"), rows=22, maximum=100_000)
    body_fr = _text(_("Text in French"), rows=22, maximum=100_000)


class AgreementForm(VersionForm):
    title = forms.CharField(label=_("Title"), max_length=120)
    field_order = ["title", "body_en", "body_fr"]


class EmailChangeForm(GreenroomForm):
    email = forms.EmailField(label=_("New e-mail address"), max_length=254)


class ProfileForm(GreenroomForm):
    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        help_text=_("It is shown on your clips and pages you share."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    language = _language()

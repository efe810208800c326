"""Forms of testing sessions: what was typed, made into values."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from payments.models import SessionTerms, TestingSession
from payments.models.session import ANSWER_LIMIT, TESTED_LIMIT
from portal.forms import GreenroomForm
from portal.models import Cohort


def _tested() -> forms.CharField:
    return forms.CharField(
        label=_("What you tested"),
        required=False,
        max_length=TESTED_LIMIT,
        help_text=_("A few words are enough; no opinion is asked."),
        widget=forms.Textarea(attrs={"rows": 3, "data-autosize": True}),
    )


def _choose(field: forms.Field, cohorts: QuerySet[Cohort]) -> None:
    cohort = cast("forms.ModelChoiceField[Cohort]", field)
    cohort.queryset = cohorts
    if len(cohorts) == 1:
        cohort.widget = forms.HiddenInput()
        cohort.initial = cohorts[0].pk


class StartForm(GreenroomForm):
    token = forms.UUIDField(widget=forms.HiddenInput)
    cohort = forms.ModelChoiceField(
        label=_("Cohort"), queryset=Cohort.objects.none(), empty_label=None
    )

    def __init__(self, *args: Any, cohorts: QuerySet[Cohort], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self.fields["cohort"], cohorts)


class StopForm(GreenroomForm):
    tested = _tested()


class StretchForm(GreenroomForm):
    """When, for how long, and on what."""

    day = forms.DateField(
        label=_("Day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        localize=False,
    )
    begins = forms.TimeField(
        label=_("Began at"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        input_formats=["%H:%M", "%H:%M:%S"],
        localize=False,
    )
    minutes = forms.IntegerField(
        label=_("Minutes"),
        help_text=_("Without breaks. Record two sessions if the break was long."),
        validators=[MinValueValidator(1), MaxValueValidator(1_440)],
        widget=forms.NumberInput(attrs={"min": 1, "max": 1_440, "inputmode": "numeric"}),
    )
    tested = _tested()

    def starts_at(self) -> datetime:
        """In the site's time zone."""
        typed = self.cleaned_data
        return timezone.make_aware(datetime.combine(typed["day"], typed["begins"]))

    def changes(self) -> dict[str, Any]:
        """What ``correct`` takes: a beginning that was left alone keeps its seconds."""
        moved = {"day", "begins"} & set(self.changed_data)
        return {
            "tested": self.cleaned_data["tested"],
            "started_at": self.starts_at() if moved else None,
            "minutes": self.cleaned_data["minutes"] if "minutes" in self.changed_data else None,
        }

    @classmethod
    def values_of(cls, session: TestingSession) -> dict[str, Any]:
        began = timezone.localtime(session.started_at)
        return {
            "day": began.date(),
            "begins": began.time().replace(second=0, microsecond=0),
            "minutes": session.minutes,
            "tested": session.tested,
        }


class SessionForm(StretchForm):
    """A session that is recorded afterwards."""

    token = forms.UUIDField(widget=forms.HiddenInput)
    cohort = forms.ModelChoiceField(
        label=_("Cohort"), queryset=Cohort.objects.none(), empty_label=None
    )

    def __init__(self, *args: Any, cohorts: QuerySet[Cohort], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self.fields["cohort"], cohorts)


class SessionAnswerForm(GreenroomForm):
    """Staff ask back or do not accept; both need words."""

    outcome = forms.ChoiceField(
        label=_("Answer"),
        choices=[("ask", _("Ask the artist")), ("reject", _("Do not accept this time"))],
        widget=forms.RadioSelect,
        initial="ask",
    )
    why = forms.CharField(
        label=_("In your words"),
        required=False,
        max_length=ANSWER_LIMIT,
        help_text=_("The artist reads this as you write it, and can dispute it."),
        widget=forms.Textarea(attrs={"rows": 3, "data-autosize": True}),
    )


class SessionTermsForm(GreenroomForm):
    confirm_days = forms.IntegerField(
        label=_("Days to confirm"),
        help_text=_("A session that nobody answered by then is confirmed by silence."),
        validators=[MinValueValidator(1), MaxValueValidator(60)],
        widget=forms.NumberInput(attrs={"min": 1, "max": 60, "inputmode": "numeric"}),
    )
    longest_minutes = forms.IntegerField(
        label=_("Longest session, in minutes"),
        help_text=_("A clock that runs this long is stopped, and its artist is asked."),
        validators=[MinValueValidator(15), MaxValueValidator(1_440)],
        widget=forms.NumberInput(attrs={"min": 15, "max": 1_440, "inputmode": "numeric"}),
    )

    @classmethod
    def values_of(cls, terms: SessionTerms) -> dict[str, Any]:
        return {"confirm_days": terms.confirm_days, "longest_minutes": terms.longest_minutes}

"""The form of a cohort's clock."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from portal.forms import GreenroomForm
from review.models import Clock

ZONES = sorted(name for name in available_timezones() if "/" in name and name[:4] != "Etc/")
MOST_DAYS = 200


def _time(label: Any, initial: str) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        initial=initial,
        # A browser's time field speaks 24 hours in every language.
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        input_formats=["%H:%M"],
        localize=False,
    )


class ClockForm(GreenroomForm):
    kind = forms.ChoiceField(
        label=_("Promises run"),
        choices=[
            ("plain", _("Around the clock|Every hour counts, also at night and on Sundays.")),
            ("working", _("In working hours|Only the hours below count.")),
        ],
        initial="plain",
        widget=forms.RadioSelect,
    )
    days = forms.TypedMultipleChoiceField(
        label=_("Working days"),
        coerce=int,
        choices=list(WEEKDAYS.items()),
        initial=[0, 1, 2, 3, 4],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    opens = _time(_("Work begins"), "09:00")
    closes = _time(_("Work ends"), "17:00")
    zone = forms.ChoiceField(label=_("Time zone"), choices=[(name, name) for name in ZONES])
    country = forms.CharField(
        label=_("Country of the public holidays"),
        help_text=_("Two letters, such as FR or DE. Empty: public holidays are worked."),
        required=False,
        max_length=2,
    )
    region = forms.CharField(
        label=_("Region"),
        help_text=_("Where regions differ: BY for Bavaria, for instance."),
        required=False,
        max_length=10,
    )
    closed_days = forms.CharField(
        label=_("Further closed days"),
        help_text=_("One a line, as year-month-day: 2026-12-24."),
        required=False,
        max_length=20 * MOST_DAYS,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("zone", settings.TIME_ZONE)

    def clean_country(self) -> str:
        return str(self.cleaned_data["country"]).strip().upper()

    def clean_region(self) -> str:
        return str(self.cleaned_data["region"]).strip().upper()

    def clean_closed_days(self) -> list[date]:
        days = []
        for line in str(self.cleaned_data["closed_days"]).split():
            try:
                days.append(date.fromisoformat(line))
            except ValueError:
                raise forms.ValidationError(
                    _("“%(line)s” is no day. Write it as 2026-12-24.") % {"line": line}
                ) from None
        if len(days) > MOST_DAYS:
            raise forms.ValidationError(
                _("At most %(most)s days. Take out those that are over.") % {"most": MOST_DAYS}
            )
        return days

    def terms(self) -> dict[str, Any]:
        """The values as ``clocks.checked`` takes them."""
        terms = dict(self.cleaned_data)
        terms["is_on"] = terms.pop("kind") == "working"
        return terms

    @classmethod
    def values_of(cls, clock: Clock | None) -> dict[str, Any]:
        """Initial values for changing *clock*."""
        if clock is None:
            return {}
        return {
            "kind": "working" if clock.is_on else "plain",
            "days": clock.days,
            "opens": clock.opens,
            "closes": clock.closes,
            "zone": clock.zone,
            "country": clock.country,
            "region": clock.region,
            "closed_days": "\n".join(day.isoformat() for day in clock.closed_days),
        }

"""Named refusals about the clock of a cohort."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portal.errors import GreenroomError


class DayTooShort(GreenroomError):
    code = "day_too_short"
    status = 422
    default_message = _("A working day lasts at least an hour, and ends later than it begins.")


class NoWeekday(GreenroomError):
    code = "no_weekday"
    status = 422
    default_message = _("Choose at least one day of the week.")


class HolidaysUnknown(GreenroomError):
    code = "holidays_unknown"
    status = 422
    default_message = _("No public holidays are known for this country and region.")


class NeverDue(GreenroomError):
    code = "never_due"
    status = 422
    default_message = _("With so many closed days no working day is left.")

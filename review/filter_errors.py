"""Named refusals about saved filters."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portal.errors import GreenroomError


class FilterNameMissing(GreenroomError):
    code = "filter_name_missing"
    status = 422
    default_message = _("Give the filter a name.")


class FilterNameRefused(GreenroomError):
    code = "filter_name_refused"
    status = 422
    default_message = _("A name has at most 40 characters and holds no access key.")


class NothingFiltered(GreenroomError):
    code = "nothing_filtered"
    status = 422
    default_message = _("Narrow the queue first: there is nothing to save.")


class TooManyFilters(GreenroomError):
    code = "too_many_filters"
    status = 409
    default_message = _("Twenty filters are saved. Remove one you no longer use first.")

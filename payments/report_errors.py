"""Named refusals about a cohort's report."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portal.errors import GreenroomError


class TooFewChanged(GreenroomError):
    code = "too_few_changed"
    status = 409
    permanent = False
    default_message = _(
        "Since the last report something changed for fewer than five people. Beside it, a new one "
        "would tell what they got; it can be made once it changed for more."
    )


class ReportWithdrawn(GreenroomError):
    code = "report_withdrawn"
    status = 409
    default_message = _("This report was withdrawn. Publish a newer one instead.")

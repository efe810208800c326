"""Why clips with which nothing is wrong were stopped."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from generation.errors import RENDER_ERRORS, RenderError


class StoppedWithKey(RenderError):
    """Its access key was frozen while it waited or rendered."""

    code = "key_frozen"
    default_message = _(
        "Stopped because the access key it was asked for with was frozen. Nothing is lost: you "
        "can run it again."
    )


class StoppedWithMembership(RenderError):
    """Its artist left the cohort, or staff ended their membership."""

    code = "membership_ended"
    default_message = _(
        "Stopped because you are no longer a member of its cohort. Its prompt and settings stay "
        "here."
    )


class StoppedWithCohort(RenderError):
    """Its cohort was closed."""

    code = "cohort_closed"
    default_message = _("Stopped because its cohort was closed. Its prompt and settings stay here.")


# What a clip's ``error_code`` may be: it broke, or it was stopped.
ENDINGS: dict[str, type[RenderError]] = RENDER_ERRORS | {
    error.code: error for error in (StoppedWithKey, StoppedWithMembership, StoppedWithCohort)
}

"""Why a content credential cannot be written now."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portal.errors import GreenroomError


class NoCertificate(GreenroomError):
    code = "no_certificate"
    status = 503
    permanent = False
    default_message = _("There is no certificate to sign with.")


class CertificateUnfit(GreenroomError):
    code = "certificate_unfit"
    status = 503
    permanent = False
    default_message = _("The certificate may not sign content credentials.")


class TimestampsAway(GreenroomError):
    """The time-stamp authority cannot be reached, or answers something else."""

    code = "timestamps_away"
    status = 503
    permanent = False
    default_message = _("The time-stamp authority does not answer.")


class SigningFailed(GreenroomError):
    code = "signing_failed"
    status = 503
    permanent = False
    default_message = _("The content credential could not be written.")


class BeingSigned(GreenroomError):
    """Approved, and not yet signed; trying again soon is right."""

    code = "being_signed"
    status = 503
    api_status = 409
    permanent = False
    retry_after = 5
    default_message = _(
        "This clip is approved, and its content credential is being written. Try again in a moment."
    )

"""Refusals about consents."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portal.errors import GreenroomError


class ConsentTextChanged(GreenroomError):
    code = "consent_text_changed"
    status = 409
    default_message = _(
        "The words of this consent have changed since this page was opened. Please read them again."
    )

"""What must hold before the product starts."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.core.exceptions import ImproperlyConfigured

from portal.errors import GreenroomError
from review.credentials import identity
from review.reasons import REASONS, check_fair


@register()
def fair_reasons(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """No published reason may speak of what an artist thinks of the programme."""
    try:
        check_fair(REASONS)
    except ImproperlyConfigured as unfair:
        return [Error(str(unfair), id="review.E001")]
    return []


@register()
def something_signs(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Approved clips wait for their content credential until a certificate can write it."""
    if settings.TOOL or settings.TESTING:
        return []
    try:
        identity.load()
    except GreenroomError as fault:
        return [
            Warning(
                f"Approved clips cannot be released. {fault.message}",
                hint="See docs/how-to/sign-with-your-own-certificate.md, or run "
                "`python manage.py provenance init`.",
                id="review.W001",
            )
        ]
    return []

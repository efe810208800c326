"""What must hold before the product starts."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

from review.reasons import REASONS, check_fair


@register()
def fair_reasons(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """No published reason may speak of what an artist thinks of the programme."""
    try:
        check_fair(REASONS)
    except ImproperlyConfigured as unfair:
        return [Error(str(unfair), id="review.E001")]
    return []

"""The least that a payout suggests to send to one artist, by currency."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from portal.templatetags.greenroom import CURRENCIES, minor_units


def minimum_of(currency: str) -> int:
    """In minor units of *currency*; 0 where none is set."""
    return minimums().get(currency, 0)


def minimums() -> dict[str, int]:
    """By currency, in minor units.

    Raises:
        ImproperlyConfigured: the setting says something else than ``EUR:20``.
    """
    found: dict[str, int] = {}
    for word in settings.PAYOUT_MINIMUMS:
        currency, _colon, typed = word.partition(":")
        try:
            amount = Decimal(typed).scaleb(minor_units(currency))
        except (InvalidOperation, KeyError):
            amount = Decimal(-1)
        if currency not in CURRENCIES or amount < 0 or amount != amount.to_integral_value():
            raise ImproperlyConfigured(
                f"GREENROOM_PAYOUT_MINIMUM: {word!r} is no currency with an amount, as EUR:20."
            )
        found[currency] = int(amount)
    return found

"""Filters and tags every template may use without loading them: money, time, icons."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from django import template
from django.templatetags.static import static
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from portal import numbers

register = template.Library()

NO_BREAK_SPACE = "\u00a0"
MINUS = "\u2212"


class Currency(NamedTuple):
    """How one ISO 4217 currency is written."""

    decimals: int
    symbol: str
    symbol_fr: str


CURRENCIES: dict[str, Currency] = {
    "BHD": Currency(3, "BHD", "BHD"),
    "CAD": Currency(2, "CA$", "$CA"),
    "CHF": Currency(2, "CHF", "CHF"),
    "EUR": Currency(2, "€", "€"),
    "GBP": Currency(2, "£", "£"),
    "JPY": Currency(0, "¥", "¥"),
    "USD": Currency(2, "$", "$US"),
}


def minor_units(currency: str) -> int:
    """Decimals of ``currency`` (ISO 4217); two for one that is not in the table."""
    known = CURRENCIES.get(currency.upper())
    return known.decimals if known else 2


def format_money(amount_minor: int, currency: str, *, whole: bool = False) -> str:
    """``1250, "EUR"`` → ``€12.50`` in English, ``12,50 €`` in French.

    *whole* leaves the decimals away, for amounts that have none.
    """
    code = currency.upper()
    known = CURRENCIES.get(code, Currency(2, code, code))
    amount = Decimal(abs(amount_minor)).scaleb(-known.decimals)
    places = 0 if whole else known.decimals
    digits = number_format(amount, decimal_pos=places, use_l10n=True, force_grouping=True)
    sign = MINUS if amount_minor < 0 else ""
    if (get_language() or "en").startswith("fr"):
        return f"{sign}{digits}{NO_BREAK_SPACE}{known.symbol_fr}"
    gap = NO_BREAK_SPACE if known.symbol.isalpha() else ""
    return f"{sign}{known.symbol}{gap}{digits}"


@register.filter
def money(amount_minor: int | str | None, currency: str = "EUR") -> str:
    """Minor units as money in the reader's language; nothing for None."""
    if amount_minor is None or amount_minor == "":
        return ""
    return format_money(int(amount_minor), currency or "EUR")


@register.filter
def money_signed(amount_minor: int | str | None, currency: str = "EUR") -> str:
    """As ``money``, with a plus in front of what comes in."""
    text = money(amount_minor, currency)
    return f"+{text}" if text and int(amount_minor or 0) > 0 else text


@register.filter
def decimal_amount(amount_minor: int | str | None, currency: str = "EUR") -> str:
    """Minor units as a plain decimal for machines: ``1250`` → ``12.50``."""
    if amount_minor is None or amount_minor == "":
        return ""
    places = minor_units(currency or "EUR")
    return f"{Decimal(int(amount_minor)).scaleb(-places):.{places}f}"


@register.filter
def duration(seconds: float | str | None) -> str:
    """``65`` → ``1:05``, ``3723`` → ``1:02:03``."""
    if seconds is None or seconds == "":
        return ""
    whole = max(0, round(float(seconds)))
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


@register.filter
def approx_duration(seconds: float | str | None) -> str:
    """A length of time in words, in its largest unit: ``90`` → ``2 min``."""
    if seconds is None or seconds == "":
        return ""
    value = max(0.0, float(seconds))
    if value < 60:
        return _("%(count)s s") % {"count": number_format(round(value), 0)}
    if value < 3600:
        return _("%(count)s min") % {"count": number_format(round(value / 60), 0)}
    if value < 86_400:
        return _("%(count)s h") % {"count": number_format(round(value / 3600), 0)}
    days = round(value / 86_400)
    return ngettext("%(count)s day", "%(count)s days", days) % {"count": number_format(days, 0)}


@register.filter
def timecode(frame: int | str | None, fps: float = 24) -> str:
    """Frame index as ``mm:ss:ff`` at ``fps`` frames a second."""
    if frame is None or frame == "":
        return ""
    rate = max(1, round(float(fps or 1)))
    seconds, rest = divmod(max(0, int(frame)), rate)
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes:02d}:{seconds:02d}:{rest:02d}"


@register.filter
def tally(count: int) -> str:
    return numbers.tally(count)


@register.filter
def percent(value: float | str | None, decimals: int = 0) -> str:
    """A share between 0 and 1 as a percentage in the reader's language."""
    if value is None or value == "":
        return ""
    digits = number_format(Decimal(str(value)) * 100, decimal_pos=int(decimals), use_l10n=True)
    gap = NO_BREAK_SPACE if (get_language() or "en").startswith("fr") else ""
    return f"{digits}{gap}%"


@register.filter
def initials(name: str | None) -> str:
    """Up to two capitals from a name; from an address, its first letter."""
    words = [word for word in str(name or "").split("@")[0].replace(".", " ").split() if word]
    if not words:
        return "?"
    chosen = [words[0], words[-1]] if len(words) > 1 else words
    return "".join(word[0] for word in chosen).upper()


@register.filter
def before_bar(text: object) -> str:
    """The part of ``"Title|description"`` before the bar."""
    return str(text).split("|", 1)[0].strip()


@register.filter
def after_bar(text: object) -> str:
    """The part of ``"Title|description"`` after the bar, or nothing."""
    return str(text).partition("|")[2].strip()


@register.simple_tag
def icon(name: str, label: str = "", **attributes: str) -> SafeString:
    """One icon of the sprite. Alone on a control it needs ``label``; else it is decoration.

    ``class`` adds classes.
    """
    classes = f"icon {attributes.get('class', '')}".strip()
    source = f"{static('portal/icons/lucide.svg')}#{name}"
    if label:
        return format_html(
            '<svg class="{}" role="img" aria-label="{}" focusable="false">'
            '<use href="{}"></use></svg>',
            classes,
            label,
            source,
        )
    return format_html(
        '<svg class="{}" aria-hidden="true" focusable="false"><use href="{}"></use></svg>',
        classes,
        source,
    )


@register.simple_block_tag
def capture(content: str) -> str:
    """``{% capture as name %}…{% endcapture %}``: a block's text as a variable, trimmed."""
    return mark_safe(content.strip())  # noqa: S308

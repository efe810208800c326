"""Small helps for the component templates: tones, shapes, plain numbers, bound fields."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

TONE_OF_STATE: dict[str, str] = {
    **dict.fromkeys(
        (
            *("queued", "draft", "pending", "withdrawn", "cancelled", "expired", "closed"),
            *("archived", "stopped"),
        ),
        "neutral",
    ),
    **dict.fromkeys(
        ("loading", "running", "rendering", "encoding", "ready", "invited", "opened", "sending"),
        "info",
    ),
    **dict.fromkeys(
        ("submitted", "in_review", "claimed", "appealed", "exported", "owed", "escalated"), "info"
    ),
    **dict.fromkeys(
        (
            *("waiting", "paused", "late", "overdue", "due", "frozen", "lost", "resting"),
            *("quarantined", "requested", "changes"),
        ),
        "warning",
    ),
    **dict.fromkeys(
        (
            *("approved", "accepted", "signed", "sent", "paid", "active", "open", "finished"),
            *("shared", "idle"),
        ),
        "success",
    ),
    **dict.fromkeys(("declined", "failed", "revoked", "refused", "deleted"), "danger"),
}
TONE_ALIASES = {"good": "success", "warn": "warning", "bad": "danger", "error": "danger"}
LIVE_STATES = {"queued", "loading", "running", "rendering", "encoding"}
ICON_OF_STATE = {
    "queued": "hourglass",
    "loading": "loader",
    "running": "film",
    "rendering": "film",
    "encoding": "clapperboard",
    "failed": "circle-alert",
    "cancelled": "ban",
    "quarantined": "shield-alert",
}
ICON_OF_TONE = {
    "success": "circle-check",
    "warning": "triangle-alert",
    "danger": "circle-alert",
    "error": "circle-alert",
}


@register.filter
def state_tone(state: object) -> str:
    """The tone in which a state is shown; neutral when nobody said."""
    return TONE_OF_STATE.get(str(state), "neutral")


@register.filter
def tone_name(tone: object) -> str:
    """``good``, ``warn`` and ``bad`` by the names the stylesheets use."""
    return TONE_ALIASES.get(str(tone), str(tone))


@register.filter
def state_icon(state: object) -> str:
    return ICON_OF_STATE.get(str(state), "film")


@register.filter
def tone_icon(tone: object) -> str:
    return ICON_OF_TONE.get(str(tone), "info")


@register.filter
def is_live(state: object) -> bool:
    """Whether a clip in this state is still being made."""
    return str(state) in LIVE_STATES


@register.filter
def shape(width: object, height: object) -> str:
    """``square``, ``wide`` or ``tall``; square when the size is not known."""
    try:
        ratio = float(str(width)) / float(str(height))
    except (ValueError, ZeroDivisionError):
        return "square"
    if ratio > 1.15:
        return "wide"
    return "tall" if ratio < 0.87 else "square"


@register.filter
def machine(number: object) -> str:
    """A number as a machine reads it, whatever the reader's language."""
    return "" if number is None else str(number)


@register.filter
def has_content(html: object) -> bool:
    """Whether a slot holds anything but space."""
    return bool(str(html).strip())


@register.filter
def words(text: object) -> list[str]:
    """``"Shift+A"`` and ``"J K"`` as single keys."""
    return str(text).replace("+", " ").split()


@register.filter
def is_moment(value: object) -> bool:
    return isinstance(value, datetime.datetime)


@register.filter
def in_the_past(value: object) -> bool:
    return isinstance(value, datetime.datetime) and value < timezone.now()


BROWSERS = (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrom", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


@register.filter
def browser(user_agent: object) -> str:
    """A user agent in two words, as far as it names itself."""
    text = str(user_agent)
    program = next((name for mark, name in BROWSERS if mark in text), "")
    system = next((name for mark, name in SYSTEMS if mark in text), "")
    return ", ".join(word for word in (program, system) if word) or text[:40]


@register.filter
def is_under(name: object, prefixes: str) -> bool:
    """Whether a URL name begins with one of the space-separated prefixes."""
    return str(name).startswith(tuple(prefixes.split()))


@register.simple_tag
def field_kind(field: BoundField) -> str:
    """How a field is laid out: hidden, checkbox, choices, textarea, password or input."""
    widget = field.field.widget
    if widget.is_hidden:
        return "hidden"
    kinds: tuple[tuple[type[forms.Widget] | tuple[type[forms.Widget], ...], str], ...] = (
        ((forms.RadioSelect, forms.CheckboxSelectMultiple), "choices"),
        (forms.CheckboxInput, "checkbox"),
        (forms.Textarea, "textarea"),
        (forms.PasswordInput, "password"),
    )
    return next((name for kind, name in kinds if isinstance(widget, kind)), "input")


def described_by(field: BoundField, own_help: str) -> str:
    """Ids of the help and the errors of a field, as far as it has them."""
    ids = []
    if own_help or field.help_text:
        ids.append(f"{field.auto_id}_helptext")
    if field.errors:
        ids.append(f"{field.auto_id}_error")
    return " ".join(ids)


@register.simple_tag
def field_widget(field: BoundField, own_help: str = "") -> SafeString:
    """The widget, tied to its help and errors."""
    attrs: dict[str, Any] = {}
    ids = described_by(field, own_help)
    if ids:
        attrs["aria-describedby"] = ids
    if field.errors:
        attrs["aria-invalid"] = "true"
    return field.as_widget(attrs=attrs)


@register.simple_tag
def field_description(field: BoundField, own_help: str = "") -> SafeString:
    """The same tie, for a fieldset."""
    ids = described_by(field, own_help)
    return format_html(' aria-describedby="{}"', ids) if ids else SafeString("")

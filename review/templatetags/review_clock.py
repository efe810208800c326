"""Due times in words."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from portal.templatetags.greenroom import approx_duration

register = template.Library()


@register.filter
def due_words(due_at: datetime) -> str:
    """``in 3 h`` or ``2 h late``."""
    seconds = (due_at - timezone.now()).total_seconds()
    length = approx_duration(abs(seconds))
    return (
        _("%(length)s late") % {"length": length}
        if seconds < 0
        else _("in %(length)s") % {"length": length}
    )


@register.filter
def day_and_time(moment: datetime) -> str:
    """``Thu 26 Nov, 17:00``: close enough to need no year."""
    return date_format(timezone.localtime(moment), pgettext("a moment this week", "D j M, H:i"))


@register.filter
def clock(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "H:i")

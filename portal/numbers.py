"""Numbers as the reader's language writes them."""

from __future__ import annotations

import math
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _

# A number beside a heading is counted up to here; what is more is not worth reading it all.
COUNTED = 1000


def tally(count: int) -> str:
    """A number that was counted up to ``COUNTED``: ``42``, ``999+`` from there on, "" for none."""
    if not count:
        return ""
    return f"{COUNTED - 1}+" if count >= COUNTED else str(count)


def short_seconds(seconds: float) -> str:
    """*seconds* to a tenth, without a trailing zero: ``2.1`` in English, ``2,1`` in French."""
    tenths = round(seconds, 1)
    return number_format(tenths, 0 if tenths == int(tenths) else 1)


def machine_time(seconds: Decimal, *, upwards: bool = False) -> str:
    """A budget or a price in whole seconds, from a quarter of an hour on in whole minutes.

    What is left is rounded down and what is needed (*upwards*) up, so that nobody is promised a
    second they do not have.
    """
    whole = math.ceil if upwards else math.floor
    if seconds < 900:
        return _("%(count)s s") % {"count": number_format(whole(seconds), 0)}
    return _("%(count)s min") % {"count": number_format(whole(seconds / 60), 0)}

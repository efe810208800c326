"""Where a dispute stands."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy

from portal.states import Table


class DisputeState(TextChoices):
    """An open one waits for finance, an answered one for its artist; two ends."""

    OPEN = "open", pgettext_lazy("dispute", "Open")
    ANSWERED = "answered", pgettext_lazy("dispute", "Answered")
    SETTLED = "settled", pgettext_lazy("dispute", "Settled with an entry")
    CLOSED = "closed", pgettext_lazy("dispute", "Closed")


_ENDS = {DisputeState.SETTLED, DisputeState.CLOSED}

DISPUTE_TRANSITIONS: Table[DisputeState] = {
    DisputeState.OPEN: frozenset({DisputeState.ANSWERED, *_ENDS}),
    DisputeState.ANSWERED: frozenset({DisputeState.OPEN, *_ENDS}),
    DisputeState.SETTLED: frozenset(),
    DisputeState.CLOSED: frozenset(),
}

"""How a takeout may move."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy

from portal.states import Table


class TakeoutState(TextChoices):
    """Where a takeout stands."""

    ASKED = "asked", pgettext_lazy("takeout", "Asked for")
    BUILDING = "building", pgettext_lazy("takeout", "Being made")
    READY = "ready", pgettext_lazy("takeout", "Ready")
    FAILED = "failed", pgettext_lazy("takeout", "Failed")
    EXPIRED = "expired", pgettext_lazy("takeout", "Over")


TAKEOUT_TRANSITIONS: Table[TakeoutState] = {
    TakeoutState.ASKED: frozenset({TakeoutState.BUILDING, TakeoutState.FAILED}),
    # Back to the start: a try that went wrong, or what it holds may no longer be handed out.
    TakeoutState.BUILDING: frozenset({TakeoutState.READY, TakeoutState.ASKED, TakeoutState.FAILED}),
    TakeoutState.READY: frozenset({TakeoutState.EXPIRED}),
    TakeoutState.FAILED: frozenset(),
    TakeoutState.EXPIRED: frozenset(),
}

"""How the deletion of an account may move."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy

from portal.states import Table


class DeletionState(TextChoices):
    """Where a deletion stands; one whose time has come may still be held back."""

    WAITING = "waiting", pgettext_lazy("deletion", "Waiting")
    UNDONE = "undone", pgettext_lazy("deletion", "Taken back")
    DONE = "done", pgettext_lazy("deletion", "Done")


DELETION_TRANSITIONS: Table[DeletionState] = {
    DeletionState.WAITING: frozenset({DeletionState.UNDONE, DeletionState.DONE}),
    DeletionState.UNDONE: frozenset(),
    DeletionState.DONE: frozenset(),
}

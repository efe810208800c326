"""The one check every state change passes before it is written."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import TextChoices

from portal.errors import IllegalTransition
from portal.states import Table

State = TypeVar("State", bound=TextChoices)


def require_step(table: Table[State], before: State, after: State) -> None:
    """Say whether *before* → *after* is in *table*.

    Raises:
        IllegalTransition: when it is not.
    """
    if after not in table[before]:
        raise IllegalTransition()

"""What every rail can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING

from payments.states import RailKind

if TYPE_CHECKING:
    from payments.models import Payout, Remittance


class Rail(ABC):
    """One way to carry out a payout, by a file that carries each remittance's key.

    A file is made of the payout and its remittances alone, never of the clock or of chance: the
    same facts give the same bytes.
    """

    kind: RailKind
    media_type: str
    suffix: str

    @abstractmethod
    def refusal(self, payout: Payout, remittances: Sequence[Remittance]) -> str:
        """Why it cannot carry this payout, in the reader's words; empty when it can."""

    @abstractmethod
    def write(self, payout: Payout, remittances: Sequence[Remittance]) -> str:
        """The file's text, in the order of *remittances*."""

    def file_name(self, payout: Payout) -> str:
        return f"{payout.reference}.{self.suffix}"

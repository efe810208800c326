"""What a proof of the books is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Proof:
    """A statement about the books.

    Attributes:
        says: what is true when ``counterexamples`` answers no row.
        counterexamples: SQL with one text column, a line for each offence.
    """

    says: str
    counterexamples: str

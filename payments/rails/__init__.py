"""The ways a payout's money can leave, behind one interface."""

from __future__ import annotations

from payments.rails.base import Rail
from payments.rails.csv_file import CsvRail
from payments.rails.manual import ManualRail
from payments.rails.sepa import SepaRail
from payments.states import RailKind

RAILS: dict[RailKind, Rail] = {rail.kind: rail for rail in (SepaRail(), CsvRail(), ManualRail())}


def rail_of(kind: str) -> Rail:
    """The rail of a stored *kind*."""
    return RAILS[RailKind(kind)]

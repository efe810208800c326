"""How many clips fit into memory, by what one and two of them took. Free of torch."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

# Of what is free: memory that is there in pieces does not hold a large tensor.
USABLE = Fraction(9, 10)


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Bytes a render took at its peak beside what the model holds.

    ``volume`` is width × height × frames of the clip that was tried; ``one`` and ``two`` are for
    that many in one call, ``two`` None when two did not fit.
    """

    volume: int
    one: int
    two: int | None


def fitting(measured: Measured, *, volume: int, free: int, most: int) -> int:
    """How many clips of *volume* fit into *free* bytes, from 1 to *most*.

    What the second clip added counts for each, by volume; the rest of the first (weights that are
    moved to the device, say) once. An allocator that kept what the first render used hides what
    the second needs, so each counts for a quarter of the first at least. Where two did not fit, as
    many as together are no larger than the one that did.
    """
    if measured.two is None:
        fit = measured.volume // volume
    else:
        each = max(measured.two - measured.one, measured.one // 4, 1)
        once = max(measured.one - each, 0)
        fit = int((free * USABLE - once) / Fraction(each * volume, measured.volume))
    return max(1, min(fit, most))

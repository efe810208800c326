"""What each clip of a batch took."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal

_MS = Decimal("0.001")


def split(seconds: Decimal, *, staying: int, left: Sequence[Decimal] = ()) -> list[Decimal]:
    """GPU seconds of one call for each of the *staying* clips, to the millisecond.

    Args:
        seconds: what the call took, with three digits.
        left: what each clip that left before the end (cancelled, lost) was put down for. More
            than an equal share counts as one: the rest was not this call.

    Together with *left* the answers make exactly *seconds*; they differ by a millisecond at most.
    """
    if staying < 1:
        return []
    fair = (seconds / (staying + len(left))).quantize(_MS, ROUND_DOWN)
    rest = seconds - sum((min(part, fair) for part in left), Decimal(0))
    whole = int(rest / _MS)
    each, over = divmod(whole, staying)
    return [(each + (place < over)) * _MS for place in range(staying)]

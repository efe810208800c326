from __future__ import annotations

import numpy as np

from bench.memory import added_at_most


def test_what_a_block_adds_is_its_highest_point_not_its_end() -> None:
    with added_at_most() as peak:
        block = np.ones(256 * 2**20, np.uint8)
        del block

    # The kernel counts a few MiB late.
    assert 240 <= peak.mib < 300

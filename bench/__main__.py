"""``make bench``: what the product costs beside the bare thing, measured in one run.

Nearly every row is a ratio of two measurements taken in turn on the same machine, so a slow or
busy machine slows both sides. Absolute figures are printed for orientation only. Each part can be
run alone: ``python -m bench.claims``.
"""

from __future__ import annotations

import subprocess
import sys

from bench.batches import batches
from bench.claims import claims
from bench.clips import clips_through_the_product
from bench.fairness.report import fair_waits
from bench.gate import bytes_through_the_gate
from bench.ground import ground
from bench.log import logged_changes
from bench.submits import submits
from bench.table import print_rows


def main() -> int:
    missed = print_rows(fair_waits)
    with ground():
        missed |= print_rows(
            logged_changes,
            submits,
            bytes_through_the_gate,
            clips_through_the_product,
            batches,
            claims,
            header=False,
        )
    # The API, the desk and the books are measured on grounds of their own, memory in a process that
    # has done nothing else.
    for part in ("bench.api", "bench.desk", "bench.books", "bench.long_clip"):
        missed |= subprocess.run([sys.executable, "-m", part], check=False).returncode
    return missed


if __name__ == "__main__":
    sys.exit(main())

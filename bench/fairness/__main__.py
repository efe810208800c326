"""``python -m bench.fairness``: the simulated part of the bench alone, in seconds."""

import sys

from bench.fairness.report import fair_waits
from bench.table import print_rows

if __name__ == "__main__":
    sys.exit(print_rows(fair_waits))

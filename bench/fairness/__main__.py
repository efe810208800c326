"""``python -m bench.fairness``: the simulated part of the bench alone, in seconds."""

from bench.fairness.report import fair_waits

if __name__ == "__main__":
    fair_waits()

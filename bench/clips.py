"""``python -m bench.clips``: twenty clips through the whole product beside a bare loop."""

from __future__ import annotations

import sys

from bench.bare import bare_loop
from bench.ground import ground
from bench.product import offer_without_limits, product_loop, warm
from bench.table import Row, in_turn, print_rows

CLIPS = 20
ROUNDS = 4


def clips_through_the_product() -> list[Row]:
    """Ask, claim, render, mark, encode, store, submit ÷ the same pipeline and the same MP4s."""
    from generation.catalogue import entry
    from generation.worker.loop import GpuWorker

    starter = entry("starter")
    offer_without_limits(starter.key)
    worker = GpuWorker(name="bench")
    each = CLIPS // ROUNDS
    ours, alone = in_turn(
        product_loop(starter, worker, clips=each),
        bare_loop(warm(worker, starter), clips=each),
        rounds=ROUNDS,
    )
    return [
        Row(
            name=f"{CLIPS} clips through the whole product ÷ a bare loop of the same pipeline",
            value=ours / alone,
            most=1.10,
            detail=f"{ours / each:.2f} s ÷ {alone / each:.2f} s a clip, starter model, 1 worker",
        )
    ]


if __name__ == "__main__":
    with ground():
        sys.exit(print_rows(clips_through_the_product))

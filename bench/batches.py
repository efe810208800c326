"""``python -m bench.batches``: clips rendered together beside one after the other."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from bench.ground import ground
from bench.product import PROMPT
from bench.table import Row, in_turn, print_rows

if TYPE_CHECKING:
    from generation.pipelines.base import LoadedModel

TOGETHER = 4
ROUNDS = 1


def batches() -> list[Row]:
    """Clips per second of the starter model, in batches ÷ alone."""
    from generation.catalogue import entry
    from generation.pipelines.loading import load

    model = load(entry("starter"))
    render(model, clips=1)
    return [gain(model, together=TOGETHER, rounds=ROUNDS, least=None)]


def gain(model: LoadedModel, *, together: int, rounds: int, least: float | None) -> Row:
    """How many clips a second come out of batches of *together* ÷ of single renders."""
    ours, alone = in_turn(
        lambda: render(model, clips=together),
        lambda: [render(model, clips=1) for _ in range(together)],
        rounds=rounds,
    )
    return Row(
        name=f"clips a second in batches of {together} ÷ alone",
        value=alone / ours,
        least=least,
        detail=f"{ours / together:.2f} s ÷ {alone / together:.2f} s a clip, {model.device_name}",
    )


def render(model: LoadedModel, *, clips: int) -> int:
    """One call of the pipeline for *clips* jobs, decoded; answers how many frames came out."""
    from generation.pipelines.base import Job

    entry = model.entry
    size = entry.sizes[0]
    jobs = [
        Job(
            prompt=PROMPT,
            width=size.width,
            height=size.height,
            frames=entry.lengths[0],
            steps=int(entry.steps.default),
            guidance=float(entry.guidance.default),
            seed=seed,
            fps=entry.fps,
        )
        for seed in range(clips)
    ]
    return sum(1 for frames in model.render_batch(jobs, _unwatched) for _frame in frames)


def _unwatched(step: int) -> None:
    """Nobody looks on."""


if __name__ == "__main__":
    with ground():
        sys.exit(print_rows(batches))

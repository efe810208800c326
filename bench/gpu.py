"""``make bench-gpu``: Wan 2.1 1.3B in its real shape, with random weights, on this machine's GPU.

Random weights take the time that trained ones take, and need no download. What a step cache saves
depends on what the weights compute, so its row says only what the mechanism can give.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import threading
import time
from pathlib import Path

from bench.bare import bare_loop
from bench.batches import gain, render
from bench.ground import ground
from bench.product import ask, drop, offer_without_limits, product_loop, warm
from bench.table import Row, in_turn, print_rows, seconds
from bench.wan import TINY, WAN_2_1_1_3B, save_wan, write_entry

NO_GPU = "bench-gpu needs a GPU that torch can use, and finds none."
CLIPS = 3
TOGETHER = 4
RUNTIMES = {
    "plain": "",
    "compiled": "compile = true",
    # So high a threshold leaves out whatever can be left out.
    "cached": 'step_cache = { kind = "first_block", threshold = 1.0 }',
}


def on_gpu(*, tiny: bool, steps: int) -> int:
    """Print the rows; *tiny* rehearses them with a tiny model on whatever device there is."""
    build, dtype = (TINY, "float32") if tiny else (WAN_2_1_1_3B, "bfloat16")
    size, frames = ("128x64", 9) if tiny else ("832x480", 81)
    with tempfile.TemporaryDirectory(prefix="greenroom-bench-model-") as name:
        folder = Path(name)
        save_wan(build, folder / "weights", device="cpu" if tiny else "cuda", dtype=dtype)
        (folder / "catalogue").mkdir()
        for key, runtime in RUNTIMES.items():
            write_entry(
                folder / "catalogue" / f"{key}.toml",
                weights=folder / "weights",
                size=size,
                frames=frames,
                fps=16,
                steps=steps,
                guidance=5.0,
                runtime=f'dtype = "{dtype}"\nvae_dtype = "float32"\n{runtime}',
            )
        os.environ["GREENROOM_CATALOGUE"] = str(folder / "catalogue")
        with ground():
            offer_without_limits(*RUNTIMES)
            return print_rows(overhead, stopping, together, tuned)


def overhead() -> list[Row]:
    """The portal around the pipeline."""
    from generation.catalogue import entry
    from generation.worker.loop import GpuWorker

    plain = entry("plain")
    worker = GpuWorker(name="bench")
    model = warm(worker, plain)
    render(model, clips=1)
    ours, alone = in_turn(
        product_loop(plain, worker, clips=CLIPS), bare_loop(model, clips=CLIPS), rounds=2
    )
    drop(worker)
    return [
        Row(
            name="clips through the whole product ÷ a bare loop of the same pipeline",
            value=ours / alone,
            most=1.10,
            detail=f"{ours / CLIPS:.2f} s ÷ {alone / CLIPS:.2f} s a clip, {model.device_name}",
        )
    ]


def stopping() -> list[Row]:
    """From the commit of a cancel to the worker being free, in steps."""
    from django.db import connection

    from generation.catalogue import entry
    from generation.models import Clip
    from generation.services import clips
    from generation.worker.loop import GpuWorker

    plain = entry("plain")
    worker = GpuWorker(name="bench")
    warm(worker, plain)
    clip = ask(plain)
    cancelled: list[float] = []

    def cancel_after_the_second_step() -> None:
        try:
            while Clip.objects.filter(pk=clip.pk, step__lt=2).exists():
                time.sleep(0.01)
            clips.cancel(actor=clip.artist, clip=clip)
            cancelled.append(time.perf_counter())
        finally:
            connection.close()

    person = threading.Thread(target=cancel_after_the_second_step)
    person.start()
    worker.render_until_empty()
    free = time.perf_counter()
    person.join()
    whole = seconds(lambda: render(warm(worker, plain), clips=1))
    step = whole / int(plain.steps.default)
    drop(worker)
    stopped = free - cancelled[0]
    return [
        Row(
            name="time until a cancelled render has stopped, in steps",
            value=stopped / step,
            most=1.5,
            detail=f"{stopped:.2f} s ÷ {step:.2f} s a step, decoding counted to the steps",
        )
    ]


def together() -> list[Row]:
    """What a batch gives."""
    from generation.catalogue import entry
    from generation.pipelines.loading import load

    model = load(entry("plain"))
    try:
        render(model, clips=TOGETHER)
        return [gain(model, together=TOGETHER, rounds=2, least=1.3)]
    finally:
        model.close()


def tuned() -> list[Row]:
    """What compiling the blocks and a step cache give."""
    taken = {key: _seconds_a_clip(key) for key in RUNTIMES}
    return [
        Row(
            name=f"clips a second {key} ÷ plain",
            value=taken["plain"] / taken[key],
            detail=f"{taken['plain']:.2f} s ÷ {taken[key]:.2f} s a clip",
        )
        for key in ("compiled", "cached")
    ]


def _seconds_a_clip(key: str) -> float:
    """After a first render, which compiles."""
    from generation.catalogue import entry
    from generation.pipelines.loading import load

    model = load(entry(key))
    try:
        for _ in range(2):
            took = seconds(lambda: render(model, clips=1))
        return took
    finally:
        model.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--tiny", action="store_true", help="rehearse with a tiny model, anywhere")
    asked = parser.parse_args()
    if not asked.tiny:
        import torch

        if not torch.cuda.is_available():
            print(NO_GPU, file=sys.stderr)
            return 2
    return on_gpu(tiny=asked.tiny, steps=asked.steps)


if __name__ == "__main__":
    sys.exit(main())

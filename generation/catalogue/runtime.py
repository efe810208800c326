"""How an entry's pipeline is loaded and run. Names only: a worker checks that they exist."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from generation.catalogue.reading import Table

DTYPES = ("float32", "float16", "bfloat16")
OFFLOADS = ("none", "model", "sequential")
BATCH_MOST = 16
STEP_CACHES = ("first_block",)
THREADS_MOST = 256


@dataclass(frozen=True)
class StepCache:
    """Reuse of what one denoising step computed in the next.

    ``threshold``: how far the first block's residual may have moved, as a share of its mean, for
    the other blocks to be left out.
    """

    kind: str
    threshold: Decimal


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """How the pipeline is loaded on its device.

    Attributes:
        attention: diffusers' name of an attention backend.
        cpu_threads: torch's threads on a CPU, 0 for as many as torch takes.
        memory_gib: what the model holds and needs on its device; None to go by its files.
        step_seconds: how long one step, reading the prompt or decoding may take, for one clip.
        max_batch: how many clips may be rendered in one call, where they fit into memory.
    """

    dtype: str
    vae_dtype: str
    offload: str
    vae_tiling: bool
    vae_slicing: bool
    attention: str
    compile: bool
    step_cache: StepCache | None
    cpu_threads: int
    memory_gib: Decimal | None
    step_seconds: Decimal
    max_batch: int


def read_runtime(table: Table) -> Runtime:
    """Raises:
    CatalogueInvalid: naming file and field.
    """
    runtime = Runtime(
        dtype=table.one_of("dtype", DTYPES, "float32"),
        vae_dtype=table.one_of("vae_dtype", DTYPES, "float32"),
        offload=table.one_of("offload", OFFLOADS, "none"),
        vae_tiling=table.flag("vae_tiling", False),
        vae_slicing=table.flag("vae_slicing", False),
        attention=table.text("attention", "native"),
        compile=table.flag("compile", False),
        step_cache=_step_cache(table),
        cpu_threads=table.integer("cpu_threads", least=0, most=THREADS_MOST, default=0),
        memory_gib=(
            table.number("memory_gib", least="0.001", most="4096")
            if table.has("memory_gib")
            else None
        ),
        step_seconds=table.number("step_seconds", least="0.1", most="86400", default="600"),
        max_batch=table.integer("max_batch", least=1, most=BATCH_MOST, default=1),
    )
    table.done()
    return runtime


def _step_cache(table: Table) -> StepCache | None:
    if not table.has("step_cache"):
        return None
    inner = table.table("step_cache")
    cache = StepCache(
        inner.one_of("kind", STEP_CACHES),
        inner.number("threshold", least="0", most="1", default="0.05"),
    )
    inner.done()
    return cache

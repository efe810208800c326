"""Training by processes of one thread each, which busy neighbours slow down less."""

import tempfile
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import distributed, nn


def rank() -> int:
    """This process's place in the group, 0 when it is alone."""
    return distributed.get_rank() if distributed.is_initialized() else 0


def world() -> int:
    """How many processes train together."""
    return distributed.get_world_size() if distributed.is_initialized() else 1


def share_gradients(params: Iterable[nn.Parameter], seconds: float) -> float:
    """Averages the gradients over the group in place; returns the first process's `seconds`."""
    if not distributed.is_initialized():
        return seconds
    grads = [p.grad for p in params if p.grad is not None]
    clock = torch.tensor([seconds if rank() == 0 else 0.0])
    flat = torch.cat([*(grad.flatten() for grad in grads), clock])
    distributed.all_reduce(flat)
    heard = float(flat[-1])
    flat /= world()
    parts = torch.split_with_sizes(flat[:-1], [grad.numel() for grad in grads])
    torch._foreach_copy_(
        grads, [part.view_as(grad) for part, grad in zip(parts, grads, strict=True)]
    )
    return heard


def _member(
    place: int, size: int, meeting: str, work: Callable[..., Any], args: tuple[Any, ...]
) -> None:
    torch.set_num_threads(1)
    # Gradients here are full of numbers so small that a CPU takes many times as long over them.
    torch.set_flush_denormal(True)
    distributed.init_process_group("gloo", init_method=meeting, rank=place, world_size=size)
    work(*args)
    distributed.destroy_process_group()


def together(processes: int, work: Callable[..., Any], *args: Any) -> None:
    """Calls `work(*args)` in a group of processes; both must be importable and picklable."""
    with tempfile.TemporaryDirectory() as folder:
        spawn: Any = torch.multiprocessing.spawn  # type: ignore[attr-defined]
        spawn(_member, (processes, f"file://{folder}/meeting", work, args), nprocs=processes)

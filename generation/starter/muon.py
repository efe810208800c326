"""Muon: momentum whose update is made orthogonal, for matrices and convolutions.

After Keller Jordan's description, https://kellerjordan.github.io/posts/muon/.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, distributed, nn

COEFFICIENTS = (3.4445, -4.7750, 2.0315)


def orthogonalised(stack: Tensor, steps: int = 5) -> Tensor:
    """Nearly orthogonal matrices with the directions of `stack` (n, rows, cols): Newton–Schulz."""
    a, b, c = COEFFICIENTS
    tall = stack.size(1) > stack.size(2)
    x: Tensor = stack.transpose(1, 2) if tall else stack
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(steps):
        gram = x @ x.transpose(1, 2)
        x = a * x + (b * gram + c * gram @ gram) @ x
    made: Tensor = x.transpose(1, 2) if tall else x
    return made


def _shared(stack: Tensor) -> Tensor:
    """The orthogonal stack, each process of a group having done its part of the matrices."""
    if not distributed.is_initialized():
        return orthogonalised(stack)
    rank, world = distributed.get_rank(), distributed.get_world_size()
    made = torch.zeros_like(stack)
    made[rank::world] = orthogonalised(stack[rank::world])
    distributed.all_reduce(made)
    return made


class Muon(torch.optim.Optimizer):
    """Weight decay is decoupled; tensors of equal shape are updated together, as matrices."""

    def __init__(
        self,
        params: Iterable[nn.Parameter],
        lr: float = 1.2e-3,
        momentum: float = 0.95,
        weight_decay: float = 0.05,
    ) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            shapes: dict[torch.Size, list[nn.Parameter]] = defaultdict(list)
            for p in group["params"]:
                if p.grad is not None:
                    shapes[p.shape].append(p)
            for params in shapes.values():
                updates = []
                for p in params:
                    grad = p.grad if p.grad is not None else torch.zeros_like(p)
                    state = self.state[p]
                    if "momentum" not in state:
                        state["momentum"] = torch.zeros_like(p)
                    state["momentum"].lerp_(grad, 1 - group["momentum"])
                    updates.append(torch.lerp(grad, state["momentum"], group["momentum"]))
                made = _shared(torch.stack(updates).flatten(2))
                scale = group["lr"] * 0.2 * max(made.shape[1:]) ** 0.5
                for p, update in zip(params, made, strict=True):
                    p.mul_(1 - group["lr"] * group["weight_decay"])
                    p.add_(update.view_as(p), alpha=-scale)

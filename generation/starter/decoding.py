"""Trains the autoencoder's decoder on freshly rendered clips."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from generation.starter.autoencoder import BLOCK_SIDE, BLOCK_TIME, StarterAutoencoder, to_blocks
from generation.starter.dataset import as_video, build_autoencoder, plan, unit
from generation.starter.group import rank, share_gradients, world
from generation.starter.muon import Muon
from generation.starter.pairing import Pairs, load_pairs
from generation.starter.renderer import render

TAUGHT_FRAMES = 3
# Cells of the latent grid that are painted at a time: what is hard lies around the subject.
WINDOW = 6
# Pixels next to a side that the window cuts through: there the network lacks its neighbours.
MARGIN = 8


@dataclass(frozen=True, slots=True)
class DecoderRun:
    """Ends after `minutes` of training in all, or after `steps` when given.

    Without pairs the decoder learns from encoded renders with noise of up to `noise`.
    """

    minutes: float
    steps: int | None = None
    batch: int = 4
    muon_rate: float = 4e-3
    adam_rate: float = 2e-3
    noise: float = 0.15
    seed: int = 11


def pictures(video: Tensor) -> Tensor:
    """Clips (b, 3, 4n+1, h, w) as the decoder paints them: (b, n+1, 12, h, w)."""
    b, c, t, h, w = video.shape
    video = torch.cat([video[:, :, :1].expand(-1, -1, BLOCK_TIME - 1, -1, -1), video], dim=2)
    n = (t + 3) // BLOCK_TIME
    return video.view(b, c, n, BLOCK_TIME, h, w).transpose(1, 2).reshape(b, n, c * BLOCK_TIME, h, w)


def _by_clip(painted: Tensor, clips: int) -> Tensor:
    return painted.view(clips, -1, *painted.shape[1:])


def picture_loss(made: Tensor, real: Tensor, weight: Tensor) -> Tensor:
    """Absolute and squared differences, and those between neighbours, which keep edges clean.

    Where `weight` is 0 nothing counts.
    """
    gap = (made - real) * (weight > 0)
    across = (gap[..., 1:] - gap[..., :-1]).abs().mean() + (
        gap[..., 1:, :] - gap[..., :-1, :]
    ).abs().mean()
    return (weight * (gap.abs() + 2 * gap.square())).mean() + across


def counted(top: int, left: int, cells: int) -> Tensor:
    """1 for the window's pixels that the network can know, 0 beside the sides it is cut at."""
    side = WINDOW * BLOCK_SIDE
    mask = torch.ones(side, side)
    for dim, start in ((0, top), (1, left)):
        if start > 0:
            mask.narrow(dim, 0, MARGIN).zero_()
        if start + WINDOW < cells:
            mask.narrow(dim, side - MARGIN, MARGIN).zero_()
    return mask


class DecoderTraining:
    """One resumable run, on renders or on `pairs`; its state lies in `folder`."""

    def __init__(
        self, fit: dict[str, Tensor], folder: Path, run: DecoderRun, pairs: Pairs | None = None
    ) -> None:
        self.run = run
        self.file = folder / "decoder.pt"
        torch.manual_seed(run.seed)
        self.model = build_autoencoder(fit)
        for part in (*self.model.rises, self.model.last, self.model.refine, self.model.out):
            part.to(memory_format=torch.channels_last)
        wide = [p for p in self.model.parameters() if p.ndim > 1 and len(p) > 3 * BLOCK_TIME]
        chosen = {id(p) for p in wide}
        rest = [p for p in self.model.parameters() if id(p) not in chosen]
        self.muon = Muon(wide, lr=run.muon_rate, weight_decay=0.01)
        self.adam = torch.optim.AdamW(rest, lr=run.adam_rate, weight_decay=0.01, fused=True)
        self.average = {name: p.detach().clone() for name, p in self.model.named_parameters()}
        self.step = 0
        self.seconds = 0.0
        if self.file.exists():
            state = torch.load(self.file, weights_only=True)
            self.model.load_state_dict(state["model"])
            self.muon.load_state_dict(state["muon"])
            self.adam.load_state_dict(state["adam"])
            self.average = state["average"]
            self.step, self.seconds = state["step"], state["seconds"]
        self.batch = run.batch // world()
        self.pairs = pairs
        jobs = plan(20_000, run.seed + 1) if pairs is None else pairs.jobs
        self.jobs = jobs[rank() :: world()]
        self.generator = torch.Generator().manual_seed(run.seed + self.step * 8 + rank())

    def progress(self) -> float:
        if self.run.steps is not None:
            return min(1.0, self.step / self.run.steps)
        return min(1.0, self.seconds / (self.run.minutes * 60))

    def save(self) -> None:
        state = {
            "model": self.model.state_dict(),
            "muon": self.muon.state_dict(),
            "adam": self.adam.state_dict(),
            "average": self.average,
            "step": self.step,
            "seconds": self.seconds,
        }
        torch.save(state, self.file.with_suffix(".tmp"))
        self.file.with_suffix(".tmp").replace(self.file)

    def _batch(self) -> tuple[Tensor, Tensor]:
        """Clips (b, 3, t, h, w) and unit latents that are to become them (b, z, n, rows, cols)."""
        at = [(self.step * self.batch + i) % len(self.jobs) for i in range(self.batch)]
        jobs = [self.jobs[i] for i in at]
        video = as_video(np.stack([render(*job) for job in jobs]))
        if self.pairs is not None:
            return video, self.pairs.latents[rank() :: world()][at].float()
        latents = unit(self.model, video)
        level = torch.rand((len(latents), 1, 1, 1, 1), generator=self.generator)
        noise = torch.randn(latents.shape, generator=self.generator)
        return video, latents + level * self.run.noise * noise

    def one_step(self, clock: Callable[[], float] = float) -> float:
        """One update on a window of three latent frames of each new clip; returns the loss."""
        with torch.no_grad():
            video, latents = self._batch()
            shape = (1, -1, 1, 1, 1)
            raw = latents * self.model.unit_std.view(shape) + self.model.unit_mean.view(shape)
            base = _by_clip(self.model.linear(raw), len(video))
            real = pictures(video)
            still = video.median(dim=2).values.repeat_interleave(BLOCK_TIME, dim=1)
        features = self.model.features(raw).transpose(1, 2)
        picked = torch.stack(
            [
                torch.randperm(real.size(1), generator=self.generator)[:TAUGHT_FRAMES]
                for _ in range(len(video))
            ]
        )
        rows = torch.arange(len(video))[:, None]
        cells = features.size(-1)
        top, left = torch.randint(cells - WINDOW + 1, (2,), generator=self.generator).tolist()

        def window(x: Tensor, scale: int) -> Tensor:
            x = x.narrow(-2, top * scale, WINDOW * scale)
            return x.narrow(-1, left * scale, WINDOW * scale)

        target = window(real[rows, picked].flatten(0, 1), BLOCK_SIDE)
        plain = window(still.repeat_interleave(TAUGHT_FRAMES, dim=0), BLOCK_SIDE)
        moving = (target - plain).abs() > 0.05
        made = self.model.paint(
            window(features[rows, picked].flatten(0, 1), 1),
            window(base[rows, picked].flatten(0, 1), BLOCK_SIDE),
        )
        loss = picture_loss(made, target, (1 + 2 * moving.float()) * counted(top, left, cells))
        loss.backward()  # type: ignore[no-untyped-call]
        self.seconds = share_gradients(self.model.parameters(), clock())
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        into = (self.progress() - 0.5) / 0.5
        rate = min(1.0, (self.step + 1) / 20) * (
            0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * into)) if into > 0 else 1
        )
        for optimiser, base_rate in (
            (self.muon, self.run.muon_rate),
            (self.adam, self.run.adam_rate),
        ):
            for group in optimiser.param_groups:
                group["lr"] = base_rate * rate
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        self.step += 1
        keep = min(0.995, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            torch._foreach_lerp_(
                list(self.average.values()), list(self.model.parameters()), 1 - keep
            )
        return float(loss.detach())

    def train(self) -> list[float]:
        """Runs to the end of the budget, saving every two minutes; returns this call's losses."""
        losses: list[float] = []
        began = last_save = last_log = time.monotonic()
        used = self.seconds
        while self.progress() < 1:
            losses.append(self.one_step(lambda: used + time.monotonic() - began))
            if rank():
                continue
            now = time.monotonic()
            if now - last_log > 30:
                recent = sum(losses[-30:]) / len(losses[-30:])
                print(
                    f"{self.seconds / 60:.1f} min, step {self.step}, loss {recent:.4f}", flush=True
                )
                last_log = now
            if now - last_save > 120:
                self.save()
                last_save = now
        if not rank():
            self.save()
        return losses


def train_decoder(fit: dict[str, Tensor], folder: Path, run: DecoderRun, pairs: int = 0) -> None:
    """The work of one process of a group; with `pairs` above 0 on so many that lie in `folder`."""
    found = load_pairs(folder, pairs, world()) if pairs else None
    DecoderTraining(fit, folder, run, found).train()


def trained_decoder(fit: dict[str, Tensor], file: Path) -> StarterAutoencoder:
    """The autoencoder with the averaged decoder of a run."""
    model = build_autoencoder(fit)
    average = torch.load(file, weights_only=True)["average"]
    for name, p in model.named_parameters():
        p.data.copy_(average[name])
    return model.eval()


def fidelity(model: StarterAutoencoder, clips: int = 24, seed: int = 99) -> dict[str, float]:
    """Signal-to-noise ratio in dB on other clips: `linear`, `decoded`, its `moving` blocks."""
    error, plain, moving, count, moved = 0.0, 0.0, 0.0, 0, 0
    for job in plan(clips, seed):
        video = as_video(render(*job)[None])
        with torch.no_grad():
            z = model.encode(video)
            made = model.decode(z, return_dict=False)[0]
        gap = to_blocks((made - video) / 2).square()
        blocks = to_blocks(video)
        moves = (blocks - blocks.median(dim=1, keepdim=True).values).abs().mean(dim=-1) > 0.02
        error += float(gap.mean())
        moving += float(gap[moves].mean(dim=-1).sum())
        moved += int(moves.sum())
        plain += float(((_by_clip(model.linear(z), 1) - pictures(video)) / 2).square().mean())
        count += 1

    def decibels(value: float) -> float:
        return -10 * math.log10(value)

    return {
        "linear": decibels(plain / count),
        "decoded": decibels(error / count),
        "moving": decibels(moving / max(1, moved)),
    }

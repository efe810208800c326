"""Trains the autoencoder's decoder on freshly rendered clips."""

import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from generation.starter.autoencoder import BLOCK_TIME, StarterAutoencoder, to_blocks
from generation.starter.dataset import as_video, build_autoencoder, plan, unit
from generation.starter.grammar import Scene, plain_caption
from generation.starter.group import rank, share_gradients, world
from generation.starter.muon import Muon
from generation.starter.renderer import render
from generation.starter.text import tokenize
from generation.starter.training import trained_learner

TAUGHT_FRAMES = 2


@dataclass(frozen=True, slots=True)
class DecoderRun:
    """Ends after `minutes` of training in all, or after `steps` when given.

    With `denoised` above 0 the latents are first mixed with noise up to that level and guessed
    again by the trained transformer: so the decoder learns to mend what the transformer leaves.
    """

    minutes: float
    steps: int | None = None
    batch: int = 4
    muon_rate: float = 4e-3
    adam_rate: float = 2e-3
    noise: float = 0.15
    denoised: float = 0.0
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
    """Absolute and squared differences, and those between neighbours, which keep edges clean."""
    gap = made - real
    across = (gap[..., 1:] - gap[..., :-1]).abs().mean() + (
        gap[..., 1:, :] - gap[..., :-1, :]
    ).abs().mean()
    return (weight * (gap.abs() + 2 * gap.square())).mean() + across


class DecoderTraining:
    """One resumable run; its state lies in `folder`."""

    def __init__(self, fit: dict[str, Tensor], folder: Path, run: DecoderRun) -> None:
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
        self.guesser = None
        if run.denoised:
            self.guesser = trained_learner(folder / "transformer.pt", len(self.model.basis))
        self.batch = run.batch // world()
        self.jobs = plan(20_000, run.seed + 1)[rank() :: world()]
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

    def _worn(self, latents: Tensor, scenes: list[Scene]) -> Tensor:
        """Latents as a sampler leaves them rather than as the encoder makes them."""
        count = (len(latents), 1, 1, 1, 1)
        noise = torch.randn(latents.shape, generator=self.generator)
        level = torch.rand(count, generator=self.generator)
        if self.guesser is None:
            return latents + level * self.run.noise * noise
        level = level * self.run.denoised
        rng = random.Random(self.step)
        captions = [plain_caption(scene, rng) for scene in scenes]
        ids, mask = tokenize(self.guesser.tokenizer, captions)
        noisy = (1 - level) * latents + level * noise
        guess: Tensor = self.guesser(noisy, level.flatten().clamp_min(0.002), ids, mask)
        return guess

    def one_step(self, clock: Callable[[], float] = float) -> float:
        """One update on a batch of new clips, two latent frames of each; returns the loss."""
        first = self.step * self.batch % (len(self.jobs) - self.batch)
        jobs = self.jobs[first : first + self.batch]
        video = as_video(np.stack([render(*job) for job in jobs]))
        with torch.no_grad():
            latents = unit(self.model, video)
            latents = self._worn(latents, [scene for scene, _ in jobs])
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
        target = real[rows, picked].flatten(0, 1)
        moving = (target - still.repeat_interleave(TAUGHT_FRAMES, dim=0)).abs() > 0.05
        made = self.model.paint(
            features[rows, picked].flatten(0, 1), base[rows, picked].flatten(0, 1)
        )
        loss = picture_loss(made, target, 1 + 2 * moving.float())
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


def train_decoder(fit: dict[str, Tensor], folder: Path, run: DecoderRun) -> None:
    """The work of one process of a group."""
    DecoderTraining(fit, folder, run).train()


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

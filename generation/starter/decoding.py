"""Trains the autoencoder's decoder on freshly rendered clips."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from generation.starter.autoencoder import BLOCK_SIDE, BLOCK_TIME, StarterAutoencoder
from generation.starter.dataset import as_video, build_autoencoder, plan, unit
from generation.starter.grammar import Scene
from generation.starter.group import rank, share_gradients, world
from generation.starter.layers import SHEET, lay
from generation.starter.muon import Muon
from generation.starter.pairing import Pairs, load_pairs
from generation.starter.renderer import (
    render,
    render_background,
    subject_path,
    subject_sheet,
)

# Frames of each clip that are laid together and compared with the render.
TAUGHT_FRAMES = 3


@dataclass(frozen=True, slots=True)
class DecoderRun:
    """Ends after `minutes` of training in all, or after `steps` when given.

    Latents get noise of up to `noise`, so that the same pair is never met twice. With
    `ground_alone` nothing but the painter of grounds learns, and much faster: places take longer
    than cut-outs.
    """

    minutes: float
    steps: int | None = None
    batch: int = 4
    muon_rate: float = 4e-3
    adam_rate: float = 2e-3
    noise: float = 0.15
    seed: int = 11
    ground_alone: bool = False


def picture_loss(made: Tensor, real: Tensor, weight: Tensor | float = 1.0) -> Tensor:
    """Absolute and squared differences, and those between neighbours, which keep edges clean."""
    gap = made - real
    across = (gap[..., 1:] - gap[..., :-1]).abs().mean() + (
        gap[..., 1:, :] - gap[..., :-1, :]
    ).abs().mean()
    return (weight * (gap.abs() + 2 * gap.square())).mean() + across


def _grounds(jobs: list[tuple[Scene, int]]) -> Tensor:
    """The places of clips without their subjects: (b, 3, h, w) between 0 and 1."""
    pictures = np.stack([render_background(*job) for job in jobs])
    return torch.from_numpy(pictures).permute(0, 3, 1, 2) / 255


@dataclass(frozen=True, slots=True)
class Lesson:
    """Clips (b, 3, t, h, w) in 0 to 1, their layers, and the raw latents that are to become them.

    `path` (b, t, 3) in pixels.
    """

    latents: Tensor
    video: Tensor
    ground: Tensor
    sheet: Tensor
    path: Tensor


class DecoderTraining:
    """One resumable run, on renders or on `pairs`; its state lies in `folder`."""

    def __init__(
        self, fit: dict[str, Tensor], folder: Path, run: DecoderRun, pairs: Pairs | None = None
    ) -> None:
        self.run = run
        self.file = folder / "decoder.pt"
        torch.manual_seed(run.seed)
        self.model = build_autoencoder(fit)
        for part in (self.model.ground, self.model.sheet):
            part.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        if run.ground_alone:
            self.model.requires_grad_(False)
            parts = ("ground_entry", "whole", "settle", "ground")
            for name in parts:
                self.model.get_submodule(name).requires_grad_(True)
        learns = [p for p in self.model.parameters() if p.requires_grad]
        wide = [p for p in learns if p.ndim > 1 and min(p.shape[:2]) > BLOCK_TIME * 4]
        chosen = {id(p) for p in wide}
        rest = [p for p in learns if id(p) not in chosen]
        self.muon = Muon(wide, lr=run.muon_rate, weight_decay=0.01)
        self.adam = torch.optim.AdamW(rest, lr=run.adam_rate, weight_decay=0.01, fused=True)
        self.average = {name: p.detach().clone() for name, p in self.model.named_parameters()}
        self.step = 0
        self.seconds = 0.0
        if self.file.exists():
            state = torch.load(self.file, weights_only=True)
            self.model.load_state_dict(state["model"])
            # Another choice of what learns begins without momentum.
            if state["ground_alone"] == run.ground_alone:
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
            "ground_alone": self.run.ground_alone,
            "step": self.step,
            "seconds": self.seconds,
        }
        torch.save(state, self.file.with_suffix(".tmp"))
        self.file.with_suffix(".tmp").replace(self.file)

    def _jobs(self) -> tuple[list[int], list[tuple[Scene, int]]]:
        at = [(self.step * self.batch + i) % len(self.jobs) for i in range(self.batch)]
        return at, [self.jobs[i] for i in at]

    def _noisy(self, latents: Tensor) -> Tensor:
        """Unit latents as raw ones, with noise."""
        level = torch.rand((len(latents), 1, 1, 1, 1), generator=self.generator)
        noise = torch.randn(latents.shape, generator=self.generator)
        shape = (1, -1, 1, 1, 1)
        noisy = latents + level * self.run.noise * noise
        raw: Tensor = noisy * self.model.unit_std.view(shape) + self.model.unit_mean.view(shape)
        return raw

    def _lesson(self) -> Lesson:
        at, jobs = self._jobs()
        video = as_video(np.stack([render(*job) for job in jobs]))
        known = self.pairs
        latents = unit(self.model, video) if known is None else known.part()[at].float()
        sheets = np.stack([subject_sheet(scene, SHEET) for scene, _ in jobs])
        return Lesson(
            self._noisy(latents),
            (video + 1) / 2,
            _grounds(jobs),
            torch.from_numpy(sheets).permute(0, 3, 1, 2) / 255,
            torch.from_numpy(np.stack([subject_path(*job) for job in jobs])),
        )

    def _loss(self) -> Tensor:
        with torch.no_grad():
            taught = self._lesson()
        ground, sheet, path = self.model.layers(taught.latents)
        # The first latent frame holds the first frame four times.
        real_path = torch.cat(
            [taught.path[:, :1].expand(-1, BLOCK_TIME - 1, -1), taught.path], dim=1
        ).view_as(path)
        astray = (path - real_path).abs().mean() / BLOCK_SIDE
        frames = taught.video.size(2)
        picked = torch.stack(
            [
                torch.randperm(frames, generator=self.generator)[:TAUGHT_FRAMES]
                for _ in range(len(path))
            ]
        )
        rows = torch.arange(len(path))[:, None]
        # Along the true path, or a cut-out that is laid astray would learn to be blurred.
        made = lay(ground, sheet, taught.path[rows, picked])
        real = taught.video.transpose(1, 2)[rows, picked]
        moving = (real - taught.ground[:, None]).abs() > 0.025
        return (
            picture_loss(made, real, 1 + 2 * moving.float())
            + 2 * picture_loss(ground, taught.ground)
            + picture_loss(sheet, taught.sheet)
            + astray
        )

    def _ground_loss(self) -> Tensor:
        at, jobs = self._jobs()
        with torch.no_grad():
            latents = (
                unit(self.model, as_video(np.stack([render(*job) for job in jobs])))
                if self.pairs is None
                else self.pairs.part()[at].float()
            )
            raw = self._noisy(latents)
            seen = self.model.features(raw)
        return picture_loss(self.model.ground_of(raw, seen), _grounds(jobs))

    def one_step(self, clock: Callable[[], float] = float) -> float:
        """One update on new clips; returns the loss."""
        loss = self._ground_loss() if self.run.ground_alone else self._loss()
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
    """Signal-to-noise ratio in dB on other clips: `linear`, `decoded`, and where it is `moving`."""
    error, plain, moving, moved = 0.0, 0.0, 0.0, 0.0
    for job in plan(clips, seed):
        video = as_video(render(*job)[None])
        with torch.no_grad():
            z = model.encode(video)
            made = model.decode(z, return_dict=False)[0]
        gap = ((made - video) / 2).square()
        ground = as_video(render_background(*job)[None, None])
        moves = (video - ground).abs().amax(dim=1, keepdim=True) > 0.05
        error += float(gap.mean())
        moving += float((gap * moves).sum() / 3)
        moved += float(moves.sum())
        linear = model.linear(z)[:, BLOCK_TIME - 1 :].transpose(1, 2)
        plain += float(((linear - video) / 2).square().mean())

    def decibels(value: float) -> float:
        return -10 * math.log10(value)

    return {
        "linear": decibels(plain / clips),
        "decoded": decibels(error / clips),
        "moving": decibels(moving / moved),
    }

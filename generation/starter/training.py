"""Trains the starter model's transformer and text encoder on latents of rendered clips."""

import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from generation.starter.dataset import Latents, load_latents
from generation.starter.grammar import training_caption
from generation.starter.group import rank, share_gradients, world
from generation.starter.muon import Muon
from generation.starter.networks import build_transformer
from generation.starter.text import build_text_encoder, build_tokenizer, embed, tokenize

SAVE_SECONDS = 180


@dataclass(frozen=True, slots=True)
class TransformerRun:
    """How long and how: it ends after `minutes` of training in all, or after `steps` when given."""

    minutes: float
    steps: int | None = None
    batch: int = 32
    muon_rate: float = 1.2e-3
    adam_rate: float = 1e-3
    warm_up: int = 100
    decay_part: float = 0.4
    average: float = 0.996
    no_caption: float = 0.1
    seed: int = 5
    compiled: bool = True


class Learner(nn.Module):
    """Text encoder and transformer as one module: predicts clean latents."""

    def __init__(self, z_dim: int) -> None:
        super().__init__()
        self.tokenizer = build_tokenizer()
        self.text = build_text_encoder(len(self.tokenizer))
        self.video = build_transformer(z_dim)

    def forward(self, noisy: Tensor, sigma: Tensor, ids: Tensor, mask: Tensor) -> Tensor:
        """(b, z, 5, 8, 8), (b,), (b, tokens) twice to (b, z, 5, 8, 8)."""
        states = embed(self.text, ids, mask)
        out: Tensor = self.video(noisy, sigma * 1000, states, return_dict=False)[0]
        return out


def token_weights(clips: Tensor, grounds: Tensor) -> Tensor:
    """1 for latents of the bare place, up to 4 where the subject is: (b, 1, n, rows, cols)."""
    change = (clips - grounds[:, :, None]).square().mean(dim=1, keepdim=True).sqrt()
    strongest = change.amax(dim=(2, 3, 4), keepdim=True).clamp_min(1e-3)
    return 1 + 3 * (change / (0.6 * strongest)).clamp(max=1)


def draw_sigma(count: int, generator: torch.Generator) -> Tensor:
    """Noise levels between 0 and 1: mostly high, one in ten uniform."""
    sigma = torch.sigmoid(torch.randn(count, generator=generator) + 0.8)
    uniform = torch.rand(count, generator=generator)
    return torch.where(torch.rand(count, generator=generator) < 0.1, uniform, sigma).clamp(
        0.002, 0.999
    )


class TransformerTraining:
    """One resumable run over a set of latents; its state lies in `folder`.

    In a process group each process takes its part of every batch.
    """

    def __init__(self, latents: Latents, folder: Path, run: TransformerRun) -> None:
        self.latents = latents
        self.run = run
        self.file = folder / "transformer.pt"
        folder.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(run.seed)
        self.learner = Learner(latents.clips.size(1))
        blocks = [p for p in self.learner.video.blocks.parameters() if p.ndim == 2]
        chosen = {id(p) for p in blocks}
        rest = [p for p in self.learner.parameters() if id(p) not in chosen]
        self.muon = Muon(blocks, lr=run.muon_rate)
        self.adam = torch.optim.AdamW(
            rest, lr=run.adam_rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True
        )
        self.average = {name: p.detach().clone() for name, p in self.learner.named_parameters()}
        self.step = 0
        self.seconds = 0.0
        if self.file.exists():
            self._load()
        self.batch = run.batch // world()
        self.rng = random.Random(run.seed + self.step * 8 + rank())
        self.generator = torch.Generator().manual_seed(run.seed + self.step * 8 + rank())
        if run.compiled:
            self.learner.video.compile_repeated_blocks()

    def _load(self) -> None:
        state = torch.load(self.file, weights_only=True)
        self.learner.load_state_dict(state["learner"])
        self.muon.load_state_dict(state["muon"])
        self.adam.load_state_dict(state["adam"])
        self.average = state["average"]
        self.step, self.seconds = state["step"], state["seconds"]

    def save(self) -> None:
        """Writes the whole state, so that a killed run goes on from here."""
        state: dict[str, Any] = {
            "learner": self.learner.state_dict(),
            "muon": self.muon.state_dict(),
            "adam": self.adam.state_dict(),
            "average": self.average,
            "step": self.step,
            "seconds": self.seconds,
        }
        torch.save(state, self.file.with_suffix(".tmp"))
        self.file.with_suffix(".tmp").replace(self.file)

    def progress(self) -> float:
        """Part of the budget that is used, 0–1."""
        if self.run.steps is not None:
            return min(1.0, self.step / self.run.steps)
        return min(1.0, self.seconds / (self.run.minutes * 60))

    def _rate(self) -> float:
        warm = min(1.0, (self.step + 1) / self.run.warm_up)
        into = (self.progress() - (1 - self.run.decay_part)) / self.run.decay_part
        return warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * into)) if into > 0 else 1.0)

    def _batch(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        rows = [self.rng.randrange(len(self.latents.scenes)) for _ in range(self.batch)]
        captions = [
            ""
            if self.rng.random() < self.run.no_caption
            else training_caption(self.latents.scenes[row], self.rng)
            for row in rows
        ]
        ids, mask = tokenize(self.learner.tokenizer, captions)
        return self.latents.clips[rows].float(), self.latents.grounds[rows].float(), ids, mask

    def one_step(self, clock: Callable[[], float] = float) -> float:
        """One update of the weights and their average; returns the loss."""
        clips, grounds, ids, mask = self._batch()
        sigma = draw_sigma(len(clips), self.generator)
        noise = torch.randn(clips.shape, generator=self.generator)
        level = sigma.view(-1, 1, 1, 1, 1)
        noisy = (1 - level) * clips + level * noise
        with sdpa_kernel(SDPBackend.MATH):
            guess = self.learner(noisy, sigma, ids, mask)
            weight = token_weights(clips, grounds) / level.clamp_min(0.25).square()
            loss = ((guess - clips).square() * weight).mean()
            loss.backward()
        self.seconds = share_gradients(self.learner.parameters(), clock())
        nn.utils.clip_grad_norm_(self.learner.parameters(), 1.0)
        rate = self._rate()
        for optimiser, base in ((self.muon, self.run.muon_rate), (self.adam, self.run.adam_rate)):
            for group in optimiser.param_groups:
                group["lr"] = base * rate
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        self.step += 1
        keep = min(self.run.average, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            torch._foreach_lerp_(
                list(self.average.values()), list(self.learner.parameters()), 1 - keep
            )
        return float(loss.detach())

    def train(self) -> list[float]:
        """Runs to the end of the budget, saving every few minutes; returns this call's losses."""
        losses: list[float] = []
        began = last_save = last_log = time.monotonic()
        used, logged = self.seconds, self.step
        while self.progress() < 1:
            losses.append(self.one_step(lambda: used + time.monotonic() - began))
            if rank():
                continue
            now = time.monotonic()
            if now - last_log > 30:
                recent = sum(losses[-100:]) / len(losses[-100:])
                speed = (self.step - logged) * self.run.batch / (now - last_log)
                print(
                    f"{self.seconds / 60:.1f} min, step {self.step}, "
                    f"samples {self.step * self.run.batch}, "
                    f"{speed:.1f} samples/s, loss {recent:.4f}, rate {self._rate():.3f}",
                    flush=True,
                )
                last_log, logged = now, self.step
            if now - last_save > SAVE_SECONDS:
                self.save()
                last_save = now
        if not rank():
            self.save()
        return losses


def train_transformer(work: Path, clips: int, run: TransformerRun) -> None:
    """Trains on the latents that lie in `work`; the work of one process of a group."""
    _, latents = load_latents(work, clips, run.seed, world())
    TransformerTraining(latents, work, run).train()


def restart_clock(state_file: Path) -> None:
    """Lets the next run go on from these weights with its whole budget of time."""
    state = torch.load(state_file, weights_only=True)
    state["seconds"] = 0.0
    torch.save(state, state_file)


def trained_learner(state_file: Path, z_dim: int) -> Learner:
    """Transformer and text encoder with the averaged weights of a run."""
    learner = Learner(z_dim)
    average = torch.load(state_file, weights_only=True)["average"]
    for name, p in learner.named_parameters():
        p.data.copy_(average[name])
    return learner.eval()

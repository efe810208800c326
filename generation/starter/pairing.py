"""Pairs what the transformer samples with the render it comes nearest to.

What is sampled from noise has no true picture. But a caption fixes all of a clip except the layout
of the place and where the subject starts, so the nearest of a few renders is the picture that was
meant. The decoder learns from such pairs to mend what sampling leaves.
"""

import itertools
import multiprocessing
import random
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from generation.starter.autoencoder import StarterAutoencoder
from generation.starter.dataset import Z_DIM, as_video, build_autoencoder, plan, unit
from generation.starter.grammar import Scene, plain_caption
from generation.starter.group import rank, world
from generation.starter.networks import GUIDANCE, STEPS, build_pipeline
from generation.starter.places import LAYOUTS, place_picture
from generation.starter.renderer import FRAMES, STARTS, arrangement, render
from generation.starter.text import TEXT_TOKENS
from generation.starter.training import trained_learner

BATCH = 8
SIDE = 128


@dataclass
class Pairs:
    """`latents` (n, z, 5, 8, 8) as sampled, float16; scene and render seed of the nearest clip."""

    latents: Tensor
    jobs: list[tuple[Scene, int]]

    def part(self) -> Tensor:
        """The latents of this process of a group."""
        return self.latents[rank() :: world()]


@cache
def seeds_by_layout() -> list[list[int]]:
    """For each layout of a place a render seed for each start of the subject."""
    found: dict[tuple[int, int], int] = {}
    for seed in itertools.count():
        found.setdefault(arrangement(seed), seed)
        if len(found) == LAYOUTS * STARTS:
            break
    return [[found[layout, start] for start in range(STARTS)] for layout in range(LAYOUTS)]


class Matcher:
    """Finds nearest renders, in the space of the latents."""

    def __init__(self, model: StarterAutoencoder) -> None:
        self.model = model
        self._grounds: dict[tuple[str, str], Tensor] = {}

    def _grounds_of(self, scene: Scene) -> Tensor:
        key = (scene.place, scene.time)
        if key not in self._grounds:
            pictures = [place_picture(*key, layout) for layout in range(LAYOUTS)]
            self._grounds[key] = unit(self.model, as_video(np.stack(pictures)[:, None]))[:, :, 0]
        return self._grounds[key]

    def seed_of(self, scene: Scene, latents: Tensor) -> int:
        """The render seed whose clip lies nearest to `latents` (z, 5, 8, 8)."""
        # By the median over cells, since the subject covers only some of them.
        gap = (latents[None] - self._grounds_of(scene)[:, :, None]).square().mean(dim=1)
        layout = int(gap.flatten(1).median(dim=1).values.argmin())
        seeds = seeds_by_layout()[layout]
        clips = unit(self.model, as_video(np.stack([render(scene, seed) for seed in seeds])))
        return seeds[int((clips - latents[None]).square().flatten(1).mean(dim=1).argmin())]


_pipe: Any = None
_matcher: Matcher | None = None


def _prepare(work: Path) -> None:
    global _pipe, _matcher
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    model = build_autoencoder(torch.load(work / "basis.pt", weights_only=True))
    learner = trained_learner(work / "transformer.pt", Z_DIM)
    _pipe = build_pipeline(learner.tokenizer, learner.text, learner.video, model)
    _pipe.set_progress_bar_config(disable=True)
    _matcher = Matcher(model)


def _sample(job: tuple[list[Scene], int]) -> tuple[np.ndarray, list[int]]:
    assert _matcher is not None
    scenes, seed = job
    rng = random.Random(seed)
    with torch.no_grad():
        latents: Tensor = _pipe(
            [plain_caption(scene, rng) for scene in scenes],
            negative_prompt=[""] * len(scenes),
            height=SIDE,
            width=SIDE,
            num_frames=FRAMES,
            num_inference_steps=STEPS,
            guidance_scale=GUIDANCE,
            max_sequence_length=TEXT_TOKENS,
            generator=[torch.Generator().manual_seed(seed + i) for i in range(len(scenes))],
            output_type="latent",
        ).frames
        seeds = [_matcher.seed_of(*pair) for pair in zip(scenes, latents, strict=True)]
    return latents.half().numpy(), seeds


def load_pairs(work: Path, count: int, processes: int, seed: int = 21) -> Pairs:
    """Pairs from `work`, sampled with the transformer there when they are missing."""
    scenes = [scene for scene, _ in plan(count, seed)]
    file = work / f"pairs-{count}-{seed}.pt"
    if not file.exists():
        jobs = [(scenes[at : at + BATCH], seed * 1_000_003 + at) for at in range(0, count, BATCH)]
        context = multiprocessing.get_context("spawn")
        with context.Pool(processes, _prepare, (work,)) as pool:
            made = list(pool.imap(_sample, jobs))
        stored = {
            "latents": torch.from_numpy(np.concatenate([latents for latents, _ in made])),
            "seeds": torch.tensor([one for _, seeds in made for one in seeds]),
        }
        torch.save(stored, file)
    stored = torch.load(file, weights_only=True)
    return Pairs(stored["latents"], list(zip(scenes, stored["seeds"].tolist(), strict=True)))

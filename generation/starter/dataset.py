"""Renders the training clips in several processes and keeps only their latents."""

import multiprocessing
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from generation.starter.autoencoder import BLOCK, StarterAutoencoder, to_blocks
from generation.starter.grammar import Scene, split
from generation.starter.renderer import render, render_background

Z_DIM = 64
FIT_CLIPS = 500


def as_video(clips: np.ndarray) -> Tensor:
    """uint8 (b, t, h, w, 3) to float (b, 3, t, h, w) between -1 and 1."""
    return torch.tensor(clips).permute(0, 4, 1, 2, 3).float() / 127.5 - 1


def plan(count: int, seed: int) -> list[tuple[Scene, int]]:
    """`count` scenes of the training split, each about equally often, with their render seeds."""
    taught, _ = split()
    rng = random.Random(seed)
    chosen: list[Scene] = []
    while len(chosen) < count:
        round_ = list(taught)
        rng.shuffle(round_)
        chosen += round_
    return [(scene, seed * 1_000_003 + index) for index, scene in enumerate(chosen[:count])]


def rendered(jobs: list[tuple[Scene, int]], size: int = 8) -> Iterator[Tensor]:
    """Batches of clips as (b, 3, t, h, w), in order."""
    for start in range(0, len(jobs), size):
        yield as_video(np.stack([render(*job) for job in jobs[start : start + size]]))


def fit_basis(clips: int = FIT_CLIPS, seed: int = 1, z_dim: int = Z_DIM) -> dict[str, Tensor]:
    """Principal components of the blocks; blocks in which something moves count four times.

    Returns `basis` (z_dim, 3072), `centre` (3072) and the latents' `mean` and `std` (z_dim).
    The last is constant·sd^0.5: so strong components stay stronger and the whole has variance 1.
    """
    total = torch.zeros(BLOCK, dtype=torch.float64)
    square = torch.zeros(BLOCK, BLOCK, dtype=torch.float64)
    weight = 0.0
    kept: list[Tensor] = []
    for video in rendered(plan(clips, seed)):
        blocks = to_blocks(video)
        moving = (blocks - blocks.median(dim=1, keepdim=True).values).abs().mean(dim=-1) > 0.02
        w = torch.where(moving, 4.0, 0.25).flatten()
        flat = blocks.flatten(0, 3)
        total += (flat * w[:, None]).sum(0).double()
        square += ((flat * w[:, None]).T @ flat).double()
        weight += float(w.sum())
        kept.append(flat[::7])
    centre = total / weight
    covariance = square / weight - centre[:, None] * centre[None]
    _, vectors = torch.linalg.eigh(covariance.float())
    basis = vectors[:, -z_dim:].flip(1).T.contiguous()
    coefficients = (torch.cat(kept) - centre.float()) @ basis.T
    sd = coefficients.std(0)
    return {
        "basis": basis,
        "centre": centre.float(),
        "mean": coefficients.mean(0),
        "std": sd.sqrt() * sd.mean().sqrt(),
    }


def build_autoencoder(fit: dict[str, Tensor]) -> StarterAutoencoder:
    """An autoencoder with this linear part and an untrained decoder."""
    made: Any = StarterAutoencoder
    model: StarterAutoencoder = made(
        z_dim=len(fit["basis"]),
        latents_mean=tuple(round(float(x), 6) for x in fit["mean"]),
        latents_std=tuple(round(float(x), 6) for x in fit["std"]),
    )
    model.basis.copy_(fit["basis"])
    model.centre.copy_(fit["centre"])
    return model


@dataclass
class Latents:
    """Clips as unit latents in float16: `clips` (n, z, 5, 8, 8) and `grounds` (n, z, 8, 8)."""

    clips: Tensor
    grounds: Tensor
    scenes: list[Scene]


_model: StarterAutoencoder | None = None


def _prepare(fit: dict[str, np.ndarray]) -> None:
    global _model
    torch.set_num_threads(1)
    _model = build_autoencoder({name: torch.from_numpy(array) for name, array in fit.items()})


def unit(model: StarterAutoencoder, video: Tensor) -> Tensor:
    """Latents of variance 1 of clips: (b, z, n, rows, cols)."""
    shape = (1, -1, 1, 1, 1)
    centred: Tensor = model.encode(video) - model.unit_mean.view(shape)
    spread: Tensor = model.unit_std.view(shape)
    return centred / spread


def _encode(job: tuple[Scene, int]) -> tuple[np.ndarray, np.ndarray]:
    assert _model is not None
    scene, seed = job
    clip = as_video(render(scene, seed)[None])
    ground = as_video(render_background(scene, seed)[None, None])
    with torch.no_grad():
        return unit(_model, clip)[0].half().numpy(), unit(_model, ground)[0, :, 0].half().numpy()


def encode_clips(fit: dict[str, Tensor], count: int, seed: int, processes: int) -> Latents:
    """Renders and encodes `count` training clips."""
    jobs = plan(count, seed)
    # Neighbours share a background, which each process paints once.
    order = sorted(range(count), key=lambda i: (jobs[i][0].place, jobs[i][0].time))
    clips = np.zeros((count, len(fit["basis"]), 5, 8, 8), dtype=np.float16)
    grounds = np.zeros((count, len(fit["basis"]), 8, 8), dtype=np.float16)
    arrays = {name: tensor.numpy() for name, tensor in fit.items()}
    context = multiprocessing.get_context("spawn")
    with context.Pool(processes, _prepare, (arrays,)) as pool:
        results = pool.imap(_encode, [jobs[i] for i in order], chunksize=400)
        for done, (index, (clip, ground)) in enumerate(zip(order, results, strict=True), 1):
            clips[index], grounds[index] = clip, ground
            if done % 4000 == 0:
                print(f"rendered {done} of {count}", flush=True)
    return Latents(torch.from_numpy(clips), torch.from_numpy(grounds), [scene for scene, _ in jobs])


def load_latents(
    work: Path, count: int, seed: int, processes: int
) -> tuple[dict[str, Tensor], Latents]:
    """The linear part and the latents from `work`, made when they are not there."""
    fit_file, data_file = work / "basis.pt", work / f"latents-{count}-{seed}.pt"
    work.mkdir(parents=True, exist_ok=True)
    if fit_file.exists():
        fit = torch.load(fit_file, weights_only=True)
    else:
        fit = fit_basis()
        torch.save(fit, fit_file)
    if data_file.exists():
        stored = torch.load(data_file, weights_only=True)
        return fit, Latents(
            stored["clips"], stored["grounds"], [scene for scene, _ in plan(count, seed)]
        )
    latents = encode_clips(fit, count, seed, processes)
    torch.save({"clips": latents.clips, "grounds": latents.grounds}, data_file)
    return fit, latents

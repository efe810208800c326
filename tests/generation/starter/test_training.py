from pathlib import Path

import numpy as np
import pytest
import torch

from generation.starter.autoencoder import StarterAutoencoder
from generation.starter.dataset import Latents, as_video, fit_basis, plan, unit
from generation.starter.decoding import DecoderRun, DecoderTraining, fidelity, trained_decoder
from generation.starter.renderer import render, render_background
from generation.starter.training import TransformerRun, TransformerTraining, trained_learner
from generation.starter.weights import WEIGHTS

CLIPS = 48


@pytest.fixture(scope="module")
def latents() -> Latents:
    autoencoder = StarterAutoencoder.from_pretrained(WEIGHTS / "vae", dtype=torch.float32)
    jobs = plan(CLIPS, seed=3)
    clips = as_video(np.stack([render(*job) for job in jobs]))
    grounds = as_video(np.stack([render_background(*job)[None] for job in jobs]))
    with torch.no_grad():
        return Latents(
            unit(autoencoder, clips).half(),
            unit(autoencoder, grounds)[:, :, 0].half(),
            [scene for scene, _ in jobs],
        )


def test_a_short_training_lowers_the_loss_and_can_go_on(latents: Latents, tmp_path: Path) -> None:
    run = TransformerRun(minutes=1, steps=36, batch=8, warm_up=8, compiled=False)
    losses = TransformerTraining(latents, tmp_path, run).train()
    assert len(losses) == 36
    assert sum(losses[-8:]) < 0.8 * sum(losses[:8])

    longer = TransformerRun(minutes=1, steps=38, batch=8, warm_up=8, compiled=False)
    resumed = TransformerTraining(latents, tmp_path, longer)
    assert resumed.step == 36
    assert len(resumed.train()) == 2

    learner = trained_learner(tmp_path / "transformer.pt", latents.clips.size(1))
    assert learner.video.config.in_channels == latents.clips.size(1)
    assert all(torch.isfinite(p).all() for p in learner.parameters())


def test_a_short_training_of_the_decoder_lowers_its_loss(tmp_path: Path) -> None:
    fit = fit_basis(clips=24, z_dim=16)
    run = DecoderRun(minutes=1, steps=14, batch=2)
    losses = DecoderTraining(fit, tmp_path, run).train()
    assert len(losses) == 14
    assert sum(losses[-4:]) < 0.97 * sum(losses[:4])
    model = trained_decoder(fit, tmp_path / "decoder.pt")
    assert fidelity(model, clips=2)["decoded"] > 10

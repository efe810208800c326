"""Where the trained model lies, and how it is saved and loaded."""

import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from diffusers import WanPipeline
from diffusers.utils import logging

from generation.starter.autoencoder import StarterAutoencoder
from generation.starter.dataset import Z_DIM
from generation.starter.decoding import trained_decoder
from generation.starter.networks import GUIDANCE, STEPS, build_pipeline
from generation.starter.text import TEXT_TOKENS
from generation.starter.training import trained_learner

WEIGHTS = Path(__file__).parent / "weights"
SIDE = 128
FRAMES = 17


def save_pipeline(work: Path, target: Path = WEIGHTS) -> None:
    """Writes the averaged weights of the runs in `work` in diffusers' folder format, float16."""
    fit = torch.load(work / "basis.pt", weights_only=True)
    learner = trained_learner(work / "transformer.pt", Z_DIM)
    autoencoder = trained_decoder(fit, work / "decoder.pt")
    parts: list[Any] = [learner.text, learner.video, autoencoder]
    pipe = build_pipeline(learner.tokenizer, *(part.half() for part in parts))
    pipe.save_pretrained(target, safe_serialization=True)
    index = target / "model_index.json"
    named = json.loads(index.read_text())
    named["vae"] = [StarterAutoencoder.__module__, StarterAutoencoder.__name__]
    index.write_text(json.dumps(named, indent=2) + "\n")


def load_pipeline(folder: Path = WEIGHTS) -> Any:
    """The stock pipeline in float32 on the CPU. Raises OSError when the folder holds no model."""
    level = logging.get_verbosity()
    # The pipeline warns that the autoencoder is not Wan's own, which is meant.
    logging.set_verbosity_error()
    try:
        stock: Any = WanPipeline
        pipe = stock.from_pretrained(
            folder, dtype=torch.float32, use_safetensors=True, local_files_only=True
        )
    finally:
        logging.set_verbosity(level)
    pipe.set_progress_bar_config(disable=True)
    return pipe


def generate(
    pipe: Any,
    prompts: list[str],
    seeds: list[int],
    guidance: float = GUIDANCE,
    steps: int = STEPS,
) -> torch.Tensor:
    """Clips (b, 3, 17, 128, 128) between -1 and 1, one a prompt."""
    frames: torch.Tensor = pipe(
        prompts,
        negative_prompt=[""] * len(prompts),
        height=SIDE,
        width=SIDE,
        num_frames=FRAMES,
        num_inference_steps=steps,
        guidance_scale=guidance,
        max_sequence_length=TEXT_TOKENS,
        generator=[torch.Generator().manual_seed(seed) for seed in seeds],
        output_type="pt",
    ).frames
    return frames.transpose(1, 2) * 2 - 1


def digests(folder: Path = WEIGHTS) -> dict[str, str]:
    """SHA-256 of every file of the model, by its path in the folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }

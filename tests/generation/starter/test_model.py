"""The stored model: small enough, loadable by the stock pipeline, the same everywhere it starts."""

import hashlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from generation.starter.evaluation import held_out_questions, judge_renders
from generation.starter.judges import load_judges
from generation.starter.layers import lay
from generation.starter.text import TEXT_TOKENS
from generation.starter.weights import WEIGHTS, digests, generate, load_pipeline

CARD = Path(__file__).parents[3] / "generation/starter/CARD.md"
ASKED: dict[str, Any] = {
    "prompt": "a red boat moving left on the sea at night",
    "width": 128,
    "height": 128,
    "num_frames": 17,
    "num_inference_steps": 4,
    "guidance_scale": 2.5,
    "max_sequence_length": 40,
}
FRESH = f"""
import hashlib, torch
torch.set_num_threads(1)
import generation.starter.autoencoder
from diffusers import WanPipeline
pipe = WanPipeline.from_pretrained(
    "generation/starter/weights", dtype=torch.float32, local_files_only=True
)
frames = pipe(**{ASKED!r}, generator=torch.Generator().manual_seed(12), output_type="np").frames
print("clip", frames.shape, hashlib.sha256(frames.tobytes()).hexdigest())
"""


@pytest.fixture(scope="module")
def pipe() -> Iterator[Any]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield load_pipeline()
    torch.set_num_threads(threads)


def test_the_model_takes_at_most_16_megabytes() -> None:
    assert sum(path.stat().st_size for path in WEIGHTS.rglob("*") if path.is_file()) <= 16_000_000


def test_the_card_names_the_digest_of_every_weights_file() -> None:
    named = set(re.findall(r"[0-9a-f]{64}", CARD.read_text()))
    stored = {digest for name, digest in digests().items() if name.endswith(".safetensors")}
    assert len(stored) == 3
    assert stored <= named


def test_a_fresh_process_makes_the_same_clip_bit_for_bit(pipe: Any) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FRESH],
        cwd=WEIGHTS.parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    told = re.fullmatch(r"clip (\(.+\)) (\w{64})", done.stdout.splitlines()[-1])
    assert told is not None
    frames = pipe(**ASKED, generator=torch.Generator().manual_seed(12), output_type="np").frames
    assert told[1] == str(frames.shape) == "(1, 17, 128, 128, 3)"
    assert told[2] == hashlib.sha256(frames.tobytes()).hexdigest()


@pytest.mark.parametrize(
    "prompt",
    ["", "\0", "🚀🚀", "写真", "a dragon in a volcano", "boat " * 8_000, "<unk> </s> <pad> &amp;"],
)
def test_any_text_makes_a_clip(pipe: Any, prompt: str) -> None:
    clip = generate(pipe, [prompt], [1], steps=2)
    assert clip.shape == (1, 3, 17, 128, 128)
    assert torch.isfinite(clip).all()


def test_the_tokenizer_came_with_the_model(pipe: Any) -> None:
    ids = pipe.tokenizer("A red-boat at SEA, zeppelin!", max_length=TEXT_TOKENS).input_ids
    assert pipe.tokenizer.convert_ids_to_tokens(ids) == [
        "a", "red", "boat", "at", "sea", "<unk>", "</s>",
    ]  # fmt: skip


def test_decoding_repeats_itself(pipe: Any) -> None:
    z = torch.randn(1, pipe.vae.config.z_dim, 5, 8, 8, generator=torch.Generator().manual_seed(2))
    clip = pipe.vae.decode(z, return_dict=False)[0]
    assert clip.shape == (1, 3, 17, 128, 128)
    assert hashlib.sha256(clip.detach().numpy()).digest() == (
        hashlib.sha256(pipe.vae.decode(z).sample.detach().numpy()).digest()
    )


def test_the_judges_read_real_renders() -> None:
    made = judge_renders(load_judges(), held_out_questions(24, seed=5), seed=5)
    assert made.together >= 0.9


def test_a_place_stands_still_behind_its_subject(pipe: Any) -> None:
    z = torch.randn(2, pipe.vae.config.z_dim, 5, 8, 8, generator=torch.Generator().manual_seed(4))
    with torch.no_grad():
        clip = pipe.vae.decode(z).sample
        ground, sheet, path = pipe.vae.layers(z)
        whole = torch.cat([path[:, :1].mean(dim=2), path[:, 1:].flatten(1, 2)], dim=1)
        cover = lay(torch.zeros_like(ground), sheet[:, 3:].expand(-1, 4, -1, -1), whole)
    bare = (cover == 0).transpose(1, 2)
    assert bare.float().mean() > 0.2
    assert torch.equal(clip[bare], (ground * 2 - 1)[:, :, None].expand_as(clip)[bare])

"""A Wan pipeline of the real classes with random weights, small enough for a unit test."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def write_entry(path: Path, *, weights: Path, **changes: str) -> None:
    """A valid catalogue entry; *changes* replaces whole lines by their first word."""
    lines = [
        'title = "Tiny"',
        'pipeline = "wan"',
        "enabled = true",
        "gpu_seconds = 2",
        "[about]",
        'en = "Random colours."',
        'fr = "Des couleurs au hasard."',
        "[weights]",
        f'folder = "{weights}"',
        "[video]",
        'sizes = ["32x32", "48x32"]',
        "lengths = [9, 5]",
        "fps = 8",
        "[sampling]",
        "steps = { default = 4, min = 1, max = 50 }",
        "guidance = { default = 3.0, min = 1.0, max = 8.0 }",
        "[prompt]",
        "max_chars = 60",
        "max_sequence_length = 16",
        'vocabulary = "generation.starter.vocabulary"',
    ]
    known = {line.split(" ")[0]: line for line in lines}
    text = "\n".join(changes.get(line.split(" ")[0], line) for line in lines)
    extra = "\n".join(line for key, line in changes.items() if key not in known)
    path.write_text(f"{extra}\n{text}\n", encoding="utf-8")


def save_tiny_wan(folder: Path) -> None:
    import diffusers
    import torch
    import transformers
    from tokenizers import Tokenizer, models, pre_tokenizers

    # Neither library carries type hints of its own.
    parts: Any = diffusers
    texts: Any = transformers
    words = ["<pad>", "</s>", "<unk>", "a", "red", "blue", "boat", "bird", "on", "sea"]
    tokenizer = Tokenizer(
        models.WordLevel({word: index for index, word in enumerate(words)}, unk_token="<unk>")
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    torch.manual_seed(0)
    pipe = parts.WanPipeline(
        tokenizer=texts.PreTrainedTokenizerFast(
            tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>", unk_token="<unk>"
        ),
        text_encoder=texts.UMT5EncoderModel(
            texts.UMT5Config(
                vocab_size=len(words),
                d_model=32,
                d_kv=8,
                d_ff=32,
                num_layers=1,
                num_heads=2,
                relative_attention_num_buckets=8,
            )
        ).eval(),
        vae=parts.AutoencoderKLWan(
            base_dim=3, z_dim=16, dim_mult=[1, 1, 1, 1], num_res_blocks=1
        ).eval(),
        transformer=parts.WanTransformer3DModel(
            patch_size=(1, 2, 2),
            num_attention_heads=2,
            attention_head_dim=12,
            in_channels=16,
            out_channels=16,
            text_dim=32,
            freq_dim=32,
            ffn_dim=32,
            num_layers=2,
        ).eval(),
        scheduler=parts.FlowMatchEulerDiscreteScheduler(shift=3.0),
    )
    pipe.save_pretrained(folder, safe_serialization=True)

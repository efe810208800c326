"""Wan pipelines with random weights: the real classes, in any size, without a download."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WORDS = ("<pad>", "</s>", "<unk>", "a", "red", "boat", "moving", "right", "on", "the", "sea")


@dataclass(frozen=True, kw_only=True)
class Build:
    """What the parts are built from; names as in the parts' own configuration files."""

    transformer: Mapping[str, Any]
    vae: Mapping[str, Any]
    text: Mapping[str, Any]


# Like Wan 2.2's, its autoencoder works at half the size of the picture; large patches keep the
# attention small. So 1920 × 1080 is within a CPU's reach.
TINY = Build(
    transformer={
        "patch_size": (1, 4, 4),
        "num_attention_heads": 2,
        "attention_head_dim": 12,
        "in_channels": 16,
        "out_channels": 16,
        "text_dim": 32,
        "freq_dim": 32,
        "ffn_dim": 32,
        "num_layers": 1,
    },
    vae={
        "base_dim": 1,
        "is_residual": True,
        "z_dim": 16,
        "dim_mult": [1, 1, 1, 1],
        "num_res_blocks": 1,
        "patch_size": 2,
        "in_channels": 12,
        "out_channels": 12,
        "scale_factor_spatial": 16,
    },
    text={
        "vocab_size": len(WORDS),
        "d_model": 32,
        "d_kv": 8,
        "d_ff": 32,
        "num_layers": 1,
        "num_heads": 2,
        "relative_attention_num_buckets": 8,
    },
)

# Wan 2.1 T2V 1.3B as it is published, and its text encoder, UMT5-XXL.
WAN_2_1_1_3B = Build(
    transformer={
        "patch_size": (1, 2, 2),
        "num_attention_heads": 12,
        "attention_head_dim": 128,
        "in_channels": 16,
        "out_channels": 16,
        "text_dim": 4096,
        "freq_dim": 256,
        "ffn_dim": 8960,
        "num_layers": 30,
        "cross_attn_norm": True,
        "qk_norm": "rms_norm_across_heads",
    },
    vae={"base_dim": 96, "z_dim": 16, "dim_mult": [1, 2, 4, 4], "num_res_blocks": 2},
    text={
        "vocab_size": 256384,
        "d_model": 4096,
        "d_kv": 64,
        "d_ff": 10240,
        "num_layers": 24,
        "num_heads": 64,
        "relative_attention_num_buckets": 32,
        "feed_forward_proj": "gated-gelu",
    },
)


def save_wan(build: Build, folder: Path, *, device: str = "cpu", dtype: str = "float32") -> None:
    """Write a random pipeline of *build* into *folder*, in diffusers' format.

    Args:
        device: where the weights are drawn; billions of them take minutes on a CPU.
        dtype: torch's name for the type of the transformer and the text encoder.
    """
    import diffusers
    import torch
    import transformers

    parts: Any = diffusers
    texts: Any = transformers
    torch.manual_seed(0)
    with torch.device(device):
        vae = parts.AutoencoderKLWan(**build.vae)
        torch.set_default_dtype(getattr(torch, dtype))
        try:
            transformer = parts.WanTransformer3DModel(**build.transformer)
            encoder = texts.UMT5EncoderModel(texts.UMT5Config(**build.text))
        finally:
            torch.set_default_dtype(torch.float32)
    parts.WanPipeline(
        tokenizer=_tokenizer(),
        text_encoder=encoder.eval(),
        vae=vae.eval(),
        transformer=transformer.eval(),
        scheduler=parts.UniPCMultistepScheduler(
            prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0
        ),
    ).save_pretrained(folder, safe_serialization=True)


def _tokenizer() -> Any:
    import transformers
    from tokenizers import Tokenizer, models, pre_tokenizers

    texts: Any = transformers
    words = {word: index for index, word in enumerate(WORDS)}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return texts.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>", unk_token="<unk>"
    )


def write_entry(
    path: Path,
    *,
    weights: Path,
    size: str,
    frames: int,
    fps: int,
    steps: int,
    runtime: str = "",
    guidance: float = 1.0,
) -> None:
    """A catalogue entry that offers one size and one length."""
    path.write_text(
        f'''
title = "Bench"
pipeline = "wan"
enabled = true
gpu_seconds = 60
[about]
en = "Random weights."
fr = "Des poids au hasard."
[weights]
folder = "{weights}"
[runtime]
{runtime}
[video]
sizes = ["{size}"]
crop = true
lengths = [{frames}]
fps = {fps}
[sampling]
steps = {{ default = {steps}, min = 1, max = 100 }}
guidance = {{ default = {guidance}, min = 1, max = 10 }}
[prompt]
max_chars = 400
max_sequence_length = 64
''',
        encoding="utf-8",
    )

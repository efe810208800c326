"""Pipelines of the real classes with random weights, small enough for a unit test."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
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


WORDS = ("<pad>", "</s>", "<unk>", "a", "red", "blue", "boat", "bird", "on", "sea")


def save_tiny_wan(folder: Path) -> None:
    _save("wan", folder)


def save_tiny(family: str, folder: Path) -> None:
    """A pipeline of *family*, a key of ``generation.catalogue.families``."""
    _save(family, folder)


def _save(family: str, folder: Path) -> None:
    import torch

    torch.manual_seed(0)
    _MAKERS[family]().save_pretrained(folder, safe_serialization=True)


def save_tiny_adapter(folder: Path, path: Path, *, rank: int = 2, wider: int = 0) -> str:
    """A random adapter for the attention of the pipeline in *folder*; its hex SHA-256.

    With *wider* it is made for a network of so many channels more, which fits none.
    """
    import torch
    from safetensors.torch import save_file

    parts, _texts = _libraries()
    made = parts.DiffusionPipeline.from_pretrained(folder, local_files_only=True)
    noise = torch.Generator().manual_seed(1)
    weights = {}
    for name, layer in made.transformer.named_modules():
        if name.endswith(("to_q", "to_v")):
            outputs, inputs = layer.weight.shape
            for half, shape in (("A", (rank, inputs + wider)), ("B", (outputs, rank))):
                key = f"transformer.{name}.lora_{half}.weight"
                weights[key] = torch.randn(shape, generator=noise)
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(weights, path)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def adapter_lines(path: Path, digest: str, **changes: str) -> str:
    """An ``[[adapters]]`` table for the end of an entry; *changes* replaces whole lines."""
    lines = {
        "key": 'key = "ink"',
        "title": 'title = "Nadia’s ink"',
        "file": f'file = "{path}"',
        "sha256": f'sha256 = "{digest}"',
        "weight": "weight = { default = 0.8, min = 0.0, max = 1.5 }",
        "artists": 'artists = ["Ada@example.org"]',
        "licence": 'licence = "Studio agreement, 2026"',
    }
    return "\n".join(["[[adapters]]", *{**lines, **changes}.values(), ""])


def _libraries() -> tuple[Any, Any]:
    """diffusers and transformers; neither carries type hints of its own."""
    import diffusers
    import transformers

    return diffusers, transformers


def _tokenizer() -> Any:
    from tokenizers import Tokenizer, models, pre_tokenizers

    _parts, texts = _libraries()
    tokenizer = Tokenizer(
        models.WordLevel({word: index for index, word in enumerate(WORDS)}, unk_token="<unk>")
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return texts.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>", unk_token="<unk>"
    )


def _encoder(kind: str) -> Any:
    _parts, texts = _libraries()
    config = getattr(texts, f"{kind}Config")(
        vocab_size=len(WORDS),
        d_model=32,
        d_kv=8,
        d_ff=32,
        num_layers=1,
        num_heads=2,
        relative_attention_num_buckets=8,
    )
    return getattr(texts, f"{kind}EncoderModel")(config).eval()


def _wan_parts(**changes: Any) -> dict[str, Any]:
    parts, _texts = _libraries()
    shape = {
        "patch_size": (1, 2, 2),
        "num_attention_heads": 2,
        "attention_head_dim": 12,
        "in_channels": 16,
        "out_channels": 16,
        "text_dim": 32,
        "freq_dim": 32,
        "ffn_dim": 32,
        "num_layers": 2,
    }
    return {
        "tokenizer": _tokenizer(),
        "text_encoder": _encoder("UMT5"),
        "vae": parts.AutoencoderKLWan(
            base_dim=3, z_dim=16, dim_mult=[1, 1, 1, 1], num_res_blocks=1
        ).eval(),
        "transformer": parts.WanTransformer3DModel(**{**shape, **changes}).eval(),
        "scheduler": parts.FlowMatchEulerDiscreteScheduler(shift=3.0),
    }


def _wan() -> Any:
    return _libraries()[0].WanPipeline(**_wan_parts())


def _wan_video() -> Any:
    return _libraries()[0].WanVideoToVideoPipeline(**_wan_parts())


def _wan_image() -> Any:
    parts, texts = _libraries()
    eye = texts.CLIPVisionModel(
        texts.CLIPVisionConfig(
            hidden_size=16,
            intermediate_size=16,
            projection_dim=16,
            num_hidden_layers=2,
            num_attention_heads=2,
            image_size=32,
            patch_size=16,
        )
    )
    return parts.WanImageToVideoPipeline(
        image_encoder=eye.eval(),
        image_processor=texts.CLIPImageProcessor(crop_size=32, size=32),
        **_wan_parts(in_channels=36, image_dim=16, added_kv_proj_dim=24),
    )


def _ltx() -> Any:
    parts, _texts = _libraries()
    return parts.LTXPipeline(
        tokenizer=_tokenizer(),
        text_encoder=_encoder("T5"),
        vae=parts.AutoencoderKLLTXVideo(
            latent_channels=8,
            block_out_channels=(8, 8, 8, 8),
            decoder_block_out_channels=(8, 8, 8, 8),
            layers_per_block=(1, 1, 1, 1, 1),
            decoder_layers_per_block=(1, 1, 1, 1, 1),
        ).eval(),
        transformer=parts.LTXVideoTransformer3DModel(
            in_channels=8,
            out_channels=8,
            num_attention_heads=2,
            attention_head_dim=8,
            cross_attention_dim=16,
            num_layers=2,
            caption_channels=32,
        ).eval(),
        scheduler=parts.FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
    )


def _cogvideox() -> Any:
    parts, _texts = _libraries()
    return parts.CogVideoXPipeline(
        tokenizer=_tokenizer(),
        text_encoder=_encoder("T5"),
        vae=parts.AutoencoderKLCogVideoX(
            block_out_channels=(8, 8, 8, 8),
            latent_channels=4,
            layers_per_block=1,
            norm_num_groups=2,
        ).eval(),
        transformer=parts.CogVideoXTransformer3DModel(
            num_attention_heads=2,
            attention_head_dim=16,
            in_channels=4,
            out_channels=4,
            time_embed_dim=4,
            text_embed_dim=32,
            num_layers=2,
            sample_width=4,
            sample_height=4,
            sample_frames=9,
            max_text_seq_length=16,
            use_rotary_positional_embeddings=True,
        ).eval(),
        scheduler=parts.CogVideoXDDIMScheduler(),
    )


def _hunyuan_video() -> Any:
    parts, texts = _libraries()
    reader = texts.LlamaModel(
        texts.LlamaConfig(
            vocab_size=len(WORDS),
            hidden_size=16,
            intermediate_size=16,
            num_hidden_layers=3,
            num_attention_heads=2,
            pad_token_id=0,
            eos_token_id=1,
        )
    )
    second = texts.CLIPTextModel(
        texts.CLIPTextConfig(
            vocab_size=len(WORDS),
            hidden_size=8,
            intermediate_size=16,
            projection_dim=8,
            num_hidden_layers=1,
            num_attention_heads=2,
            pad_token_id=0,
            eos_token_id=1,
            bos_token_id=2,
        )
    )
    return parts.HunyuanVideoPipeline(
        tokenizer=_tokenizer(),
        text_encoder=reader.eval(),
        tokenizer_2=_tokenizer(),
        text_encoder_2=second.eval(),
        vae=parts.AutoencoderKLHunyuanVideo(
            block_out_channels=(8, 8, 8, 8),
            latent_channels=4,
            layers_per_block=1,
            norm_num_groups=2,
        ).eval(),
        transformer=parts.HunyuanVideoTransformer3DModel(
            in_channels=4,
            out_channels=4,
            num_attention_heads=2,
            attention_head_dim=12,
            num_layers=1,
            num_single_layers=1,
            num_refiner_layers=1,
            text_embed_dim=16,
            pooled_projection_dim=8,
            rope_axes_dim=(2, 4, 6),
        ).eval(),
        scheduler=parts.FlowMatchEulerDiscreteScheduler(shift=7.0),
    )


_MAKERS: Mapping[str, Callable[[], Any]] = {
    "wan": _wan,
    "wan-image": _wan_image,
    "wan-video": _wan_video,
    "ltx": _ltx,
    "cogvideox": _cogvideox,
    "hunyuan-video": _hunyuan_video,
}

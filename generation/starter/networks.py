"""The starter model's transformer, scheduler and the pipeline made of all parts."""

from typing import Any

from diffusers import UniPCMultistepScheduler, WanPipeline, WanTransformer3DModel
from transformers import PreTrainedTokenizerFast, UMT5EncoderModel

from generation.starter.autoencoder import StarterAutoencoder
from generation.starter.text import TEXT_WIDTH

WIDTH, HEADS, LAYERS = 192, 4, 6
# How the model is sampled best.
STEPS, GUIDANCE = 12, 2.5


def build_transformer(z_dim: int) -> Any:
    """A small Wan transformer: a clip of 17 × 128 × 128 is 80 tokens."""
    made: Any = WanTransformer3DModel
    return made(
        patch_size=(1, 2, 2),
        num_attention_heads=HEADS,
        attention_head_dim=WIDTH // HEADS,
        in_channels=z_dim,
        out_channels=z_dim,
        text_dim=TEXT_WIDTH,
        freq_dim=128,
        ffn_dim=WIDTH * 4,
        num_layers=LAYERS,
        cross_attn_norm=True,
        qk_norm="rms_norm_across_heads",
        rope_max_seq_len=32,
    )


def build_scheduler() -> Any:
    """Flow matching with a model that predicts the clean latents."""
    made: Any = UniPCMultistepScheduler
    return made(prediction_type="sample", use_flow_sigmas=True, flow_shift=3.0)


def build_pipeline(
    tokenizer: PreTrainedTokenizerFast,
    text_encoder: UMT5EncoderModel,
    transformer: Any,
    autoencoder: StarterAutoencoder,
) -> Any:
    """The stock pipeline around these parts."""
    made: Any = WanPipeline
    return made(
        tokenizer=tokenizer,
        text_encoder=text_encoder,
        transformer=transformer,
        vae=autoencoder,
        scheduler=build_scheduler(),
    )

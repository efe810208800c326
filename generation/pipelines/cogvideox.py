"""CogVideoX: text to video."""

from __future__ import annotations

from generation.pipelines.diffusion import DiffusersModel


class CogVideoXModel(DiffusersModel):
    """Text to video; its transformer does its attention by itself."""

    pipeline_class = "CogVideoXPipeline"
    transformer_class = "CogVideoXTransformer3DModel"
    attention_backends = False

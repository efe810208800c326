"""HunyuanVideo: text to video."""

from __future__ import annotations

from typing import Any

from generation.pipelines.base import Job
from generation.pipelines.diffusion import DiffusersModel


class HunyuanVideoModel(DiffusersModel):
    """Text to video; guidance is distilled into the network, so a step is one pass."""

    pipeline_class = "HunyuanVideoPipeline"
    transformer_class = "HunyuanVideoTransformer3DModel"

    def _arguments(self, job: Job) -> dict[str, Any]:
        arguments = super()._arguments(job)
        del arguments["negative_prompt"]
        return arguments

"""LTX: text to video."""

from __future__ import annotations

from typing import Any

from generation.pipelines.base import Job
from generation.pipelines.diffusion import DiffusersModel

# What the makers of the decoders that denoise a last time recommend for them.
_DECODE_TIMESTEP = 0.05
_DECODE_NOISE = 0.025


class LtxModel(DiffusersModel):
    """Text to video; the network is told the frame rate."""

    pipeline_class = "LTXPipeline"
    transformer_class = "LTXVideoTransformer3DModel"

    def _arguments(self, job: Job) -> dict[str, Any]:
        arguments = {**super()._arguments(job), "frame_rate": job.fps}
        if self._pipe.vae.config.timestep_conditioning:
            arguments["decode_timestep"] = _DECODE_TIMESTEP
            arguments["decode_noise_scale"] = _DECODE_NOISE
        return arguments

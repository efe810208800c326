"""Wan: text, a picture or a video to video."""

from __future__ import annotations

from typing import Any

import numpy as np

from generation.errors import InputMissing
from generation.pipelines.base import Job
from generation.pipelines.diffusion import DiffusersModel, fitted


class WanModel(DiffusersModel):
    """Text to video."""

    pipeline_class = "WanPipeline"
    transformer_class = "WanTransformer3DModel"


class _WithInput(DiffusersModel):
    """Wan's pipelines for pictures and videos need the package ftfy to read a prompt, which the
    one for text uses only where it is installed: they are given its way of reading.
    """

    transformer_class = "WanTransformer3DModel"

    @classmethod
    def pipeline(cls) -> Any:
        whole = super().pipeline()
        reading = WanModel.pipeline()._get_t5_prompt_embeds
        return type(whole.__name__, (whole,), {"_get_t5_prompt_embeds": reading})


class WanImageModel(_WithInput):
    """Begins with the job's picture."""

    pipeline_class = "WanImageToVideoPipeline"

    def _arguments(self, job: Job) -> dict[str, Any]:
        if job.picture is None:
            raise InputMissing
        return {**super()._arguments(job), "image": fitted(job.picture, job, self.family)}


class WanVideoModel(_WithInput):
    """Makes a part of the job's source frames anew: its ``strength``, else the entry's.

    Frames are taken evenly from the source when it has another length.
    """

    pipeline_class = "WanVideoToVideoPipeline"
    step_caches = False

    def _arguments(self, job: Job) -> dict[str, Any]:
        source = job.source_frames
        if source is None or not len(source):
            raise InputMissing
        picked = np.linspace(0, len(source) - 1, job.frames).round().astype(int)
        strength = float(self.entry.strength) if job.strength is None else job.strength
        arguments = super()._arguments(job)
        # The pipeline takes the length from the video.
        del arguments["num_frames"]
        return {
            **arguments,
            "video": [fitted(source[index], job, self.family) for index in picked],
            "strength": strength,
            "num_inference_steps": schedule_for(job.steps, strength),
        }


def schedule_for(steps: int, strength: float) -> int:
    """The schedule of which the pipeline does the last ``int(schedule × strength)`` = *steps*."""
    schedule = steps
    while int(schedule * strength) < steps:
        schedule += 1
    return schedule

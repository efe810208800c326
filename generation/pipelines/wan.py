"""Wan text-to-video, through diffusers' own pipeline."""

from __future__ import annotations

import gc
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import diffusers
import numpy as np
import torch
import transformers
from django.conf import settings

from generation.errors import OutOfMemory, RenderError
from generation.pipelines import device as devices
from generation.pipelines.base import Frames, Job, LoadedModel
from generation.worker.stop import StopRender
from portal.errors import GreenroomError

if TYPE_CHECKING:
    from generation.catalogue import Entry

# Neither library's functions are all hinted.
_diffusers: Any = diffusers
_transformers: Any = transformers.utils

# A worker's log is read by people: bars that redraw themselves do not belong into it.
_diffusers.utils.logging.disable_progress_bar()
_diffusers.utils.logging.set_verbosity_error()
_transformers.logging.disable_progress_bar()

_DTYPES = {
    "float32": torch.float32,
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
}
_SCHEDULER_FACTS = ("shift", "flow_shift", "num_train_timesteps", "prediction_type")


class WanModel(LoadedModel):
    """``WanPipeline`` from a folder in diffusers' format."""

    def __init__(self, entry: Entry, *, folder: Path, weights_sha256: str) -> None:
        self.entry = entry
        self.weights_sha256 = weights_sha256
        device = devices.choose(settings.GENERATION_DEVICE)
        self.device_name = devices.name_of(device)
        runtime = entry.runtime
        pipe = _diffusers.WanPipeline.from_pretrained(
            folder,
            # Wan's autoencoder loses detail in half precision, so it has a type of its own.
            dtype={
                "default": _DTYPES[runtime.dtype],
                "vae": _DTYPES[runtime.vae_dtype],
            },
            use_safetensors=True,
            local_files_only=True,
        )
        pipe.set_progress_bar_config(disable=True)
        if runtime.vae_tiling:
            pipe.vae.enable_tiling()
        if runtime.vae_slicing:
            pipe.vae.enable_slicing()
        # Offloading moves weights between a GPU and memory; on a CPU there is nothing to move.
        if device.type == "cuda" and runtime.offload == "model":
            pipe.enable_model_cpu_offload(device=device)
        elif device.type == "cuda" and runtime.offload == "sequential":
            pipe.enable_sequential_cpu_offload(device=device)
        else:
            pipe.to(device)
        self._pipe = pipe
        config = pipe.scheduler.config
        self.scheduler = {
            "class": type(pipe.scheduler).__name__,
            **{name: config[name] for name in _SCHEDULER_FACTS if name in config},
        }

    def render(self, job: Job, on_step: Callable[[int], None]) -> Frames:
        def on_step_end(
            pipe: Any, index: int, time: Any, tensors: dict[str, Any]
        ) -> dict[str, Any]:
            on_step(index + 1)
            return tensors

        try:
            output = self._pipe(
                prompt=job.prompt,
                negative_prompt=self.entry.negative_prompt or None,
                width=job.width,
                height=job.height,
                num_frames=job.frames,
                num_inference_steps=job.steps,
                guidance_scale=job.guidance,
                # A generator on the CPU gives the same noise on every device.
                generator=torch.Generator("cpu").manual_seed(job.seed),
                max_sequence_length=self.entry.max_sequence_length,
                callback_on_step_end=on_step_end,
                output_type="np",
            )
        except (StopRender, GreenroomError):
            raise
        except torch.OutOfMemoryError as error:
            raise OutOfMemory from error
        except (RuntimeError, ValueError) as error:
            raise RenderError from error
        finally:
            # Also after a raise: step caches would leak this clip's residuals into the next.
            self._pipe.maybe_free_model_hooks()
        frames = np.asarray(output.frames[0])
        wanted = (job.frames, job.height, job.width, 3)
        if frames.shape != wanted:
            raise RenderError from ValueError(f"the pipeline gave {frames.shape}, not {wanted}")
        return (frames.clip(0.0, 1.0) * 255.0).round().astype(np.uint8)

    def close(self) -> None:
        self._pipe = None
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

"""What all diffusers pipelines share: loading, options of the runtime, rendering, freeing."""

from __future__ import annotations

import gc
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import diffusers
import numpy as np
import torch
import transformers
from django.conf import settings
from PIL import Image, ImageOps

from generation.catalogue.families import FAMILIES
from generation.errors import OutOfMemory, RenderError
from generation.media.frames import Frame, FrameStream
from generation.pipelines import adapters
from generation.pipelines import device as devices
from generation.pipelines.base import Job, LoadedModel
from generation.pipelines.decoding import Latents, frames_of, latents_of
from generation.worker.stop import StopRender
from portal.errors import GreenroomError

if TYPE_CHECKING:
    from generation.catalogue import Entry
    from generation.catalogue.families import Family
    from generation.catalogue.runtime import StepCache

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
_SCHEDULER_FACTS = (
    "shift",
    "flow_shift",
    "num_train_timesteps",
    "prediction_type",
    "snr_shift_scale",
)
# What matters where the shift follows the size of the video.
_DYNAMIC_FACTS = ("use_dynamic_shifting", "base_shift", "max_shift", "time_shift_type")
# How torch says on a CPU what it says on a GPU with OutOfMemoryError.
_CPU_FULL = "can't allocate memory"


class DiffusersModel(LoadedModel):
    """A pipeline from a folder in diffusers' format; one subclass a family.

    Attributes:
        pipeline_class, transformer_class: names in diffusers.
        step_caches: whether the pipeline tells its caches which pass they are in.
        attention_backends: whether the transformer's attention can be dispatched.
    """

    pipeline_class: ClassVar[str]
    transformer_class: ClassVar[str]
    step_caches: ClassVar[bool] = True
    attention_backends: ClassVar[bool] = True

    @property
    def family(self) -> Family:
        """The rules of the pipeline."""
        return FAMILIES[self.entry.pipeline]

    @classmethod
    def pipeline(cls) -> Any:
        """The pipeline's class."""
        return getattr(_diffusers, cls.pipeline_class)

    def __init__(self, entry: Entry, *, folder: Path, weights_sha256: str) -> None:
        self.entry = entry
        self.weights_sha256 = weights_sha256
        self._device = devices.choose(settings.GENERATION_DEVICE)
        self.device_name = devices.name_of(self._device)
        runtime = entry.runtime
        pipe = self.pipeline().from_pretrained(
            folder,
            # Autoencoders of video lose detail in half precision, so theirs has a type of its own.
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
        self._pipe = pipe
        for transformer in self._transformers():
            self._prepare(transformer)
        # Offloading moves weights between a GPU and memory; on a CPU there is nothing to move.
        on_gpu = self._device.type == "cuda"
        if on_gpu and runtime.offload == "model":
            pipe.enable_model_cpu_offload(device=self._device)
        elif on_gpu and runtime.offload == "sequential":
            pipe.enable_sequential_cpu_offload(device=self._device)
        else:
            pipe.to(self._device)
        self.memory_bytes = sum(
            tensor.numel() * tensor.element_size()
            for part in pipe.components.values()
            if isinstance(part, torch.nn.Module)
            for tensor in (*part.parameters(), *part.buffers())
        )
        self.scheduler = _scheduler_facts(pipe.scheduler)
        self.facts = {
            "pipeline_class": self.pipeline_class,
            "attention": runtime.attention,
            "compiled": runtime.compile,
            "step_cache": _cache_facts(runtime.step_cache),
            "offload": runtime.offload if on_gpu else "none",
            "vae_tiling": runtime.vae_tiling,
            "vae_slicing": runtime.vae_slicing,
            "max_sequence_length": entry.max_sequence_length,
        }
        if not on_gpu:
            self._use_threads()
            # Sums that are split among threads end in other last bits.
            self.facts = {**self.facts, "threads": torch.get_num_threads()}

    def render(self, job: Job, on_step: Callable[[int], None]) -> FrameStream:
        return self.render_batch([job], on_step)[0]

    def render_batch(
        self, jobs: Sequence[Job], on_step: Callable[[int], None]
    ) -> Sequence[FrameStream]:
        def on_step_end(
            pipe: Any, index: int, time: Any, tensors: dict[str, Any]
        ) -> dict[str, Any]:
            on_step(index + 1)
            return tensors

        several = len(jobs) > 1
        with (
            self._working(),
            adapters.worn(self._pipe, self.entry, jobs[0]),
            self._caches_off(several),
        ):
            arguments = self._arguments(jobs[0])
            if several:
                arguments.update(self._several(jobs, arguments))
            latents = latents_of(self._pipe, {**arguments, "callback_on_step_end": on_step_end})
        return [self._stream(latents, place, job) for place, job in enumerate(jobs)]

    def _stream(self, latents: Latents, clip: int, job: Job) -> FrameStream:
        """The frames of one clip of the batch that *latents* holds."""
        shape = (job.frames, job.height, job.width, 3)

        def frames() -> Iterator[Frame]:
            with self._working():
                yield from frames_of(self._pipe, latents, clip, shape=shape)

        return FrameStream(shape, frames())

    @contextmanager
    def _working(self) -> Iterator[None]:
        """Around whatever the pipeline computes: its errors get types, its caches are emptied."""
        # The model may be dropped while somebody still holds half-read frames.
        pipe = self._pipe
        self._use_threads()
        try:
            yield
        except (StopRender, GreenroomError):
            raise
        except torch.OutOfMemoryError as error:
            raise _out_of_memory(error) from error
        except (RuntimeError, ValueError) as error:
            if _CPU_FULL in str(error):
                raise _out_of_memory(error) from error
            raise RenderError from error
        finally:
            # Also after a raise: step caches would leak this clip's residuals into the next.
            pipe.maybe_free_model_hooks()

    def peak(self, jobs: Sequence[Job]) -> int:
        return devices.peak_during(self._device, lambda: self._read_all(jobs))

    def _read_all(self, jobs: Sequence[Job]) -> None:
        for stream in self.render_batch(jobs, lambda step: None):
            for _frame in stream:
                pass

    def free_bytes(self) -> int:
        return devices.free_of(self._device)

    def close(self) -> None:
        self._pipe = None
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def _arguments(self, job: Job) -> dict[str, Any]:
        """What the pipeline is called with; families add to it and take away."""
        width, height = self.family.rendered(job.width, job.height)
        return {
            "prompt": job.prompt,
            "negative_prompt": self.entry.negative_prompt or None,
            "width": width,
            "height": height,
            "num_frames": job.frames,
            "num_inference_steps": job.steps,
            "guidance_scale": job.guidance,
            # A generator on the CPU gives the same noise on every device.
            "generator": torch.Generator("cpu").manual_seed(job.seed),
            "max_sequence_length": self.entry.max_sequence_length,
        }

    def _several(self, jobs: Sequence[Job], arguments: Mapping[str, Any]) -> dict[str, Any]:
        """What a call for several jobs says in place of a call for the first."""
        several = {
            "prompt": [job.prompt for job in jobs],
            "generator": [torch.Generator("cpu").manual_seed(job.seed) for job in jobs],
        }
        if arguments.get("negative_prompt") is not None:
            several["negative_prompt"] = [arguments["negative_prompt"]] * len(jobs)
        return several

    @contextmanager
    def _caches_off(self, off: bool) -> Iterator[None]:
        """Step caches decide by the mean over a batch: one clip would blur another."""
        cache = self.entry.runtime.step_cache if off else None
        if cache is not None:
            for transformer in self._transformers():
                transformer.disable_cache()
        try:
            yield
        finally:
            if cache is not None:
                for transformer in self._transformers():
                    _enable_cache(transformer, cache)

    def _transformers(self) -> Iterator[Any]:
        for name in ("transformer", "transformer_2"):
            part = getattr(self._pipe, name, None)
            if part is not None:
                yield part

    def _prepare(self, transformer: Any) -> None:
        runtime = self.entry.runtime
        if self.attention_backends:
            # Said for every model: diffusers also makes the last one said the default of all.
            transformer.set_attention_backend(runtime.attention)
        if runtime.step_cache is not None:
            _enable_cache(transformer, runtime.step_cache)
        if runtime.compile:
            transformer.compile_repeated_blocks()

    def _use_threads(self) -> None:
        # Threads are counted by the thread that asks, and of several models each has its number.
        if self._device.type == "cpu" and self.entry.runtime.cpu_threads:
            torch.set_num_threads(self.entry.runtime.cpu_threads)


def fitted(picture: Frame, job: Job, family: Family) -> Image.Image:
    """*picture* (height, width, 3), scaled and cut from its middle to the job's size.

    Where *family* makes larger pictures, of which the middle is cut, its edges are drawn out.
    """
    fit = ImageOps.fit(Image.fromarray(picture), (job.width, job.height), Image.Resampling.LANCZOS)
    width, height = family.rendered(job.width, job.height)
    top, left = (height - job.height) // 2, (width - job.width) // 2
    beside = ((top, height - job.height - top), (left, width - job.width - left), (0, 0))
    return Image.fromarray(np.pad(np.asarray(fit), beside, mode="edge"))


def _enable_cache(transformer: Any, cache: StepCache) -> None:
    transformer.enable_cache(cache_class(cache.kind)(threshold=float(cache.threshold)))


def cache_class(kind: str) -> Any:
    """diffusers' configuration of a step cache, or None when the installed one lacks it."""
    return getattr(_diffusers, {"first_block": "FirstBlockCacheConfig"}[kind], None)


def _scheduler_facts(scheduler: Any) -> dict[str, Any]:
    config = scheduler.config
    dynamic = _DYNAMIC_FACTS if config.get("use_dynamic_shifting") else ()
    return {
        "class": type(scheduler).__name__,
        **{name: config[name] for name in (*_SCHEDULER_FACTS, *dynamic) if name in config},
    }


def _cache_facts(cache: StepCache | None) -> dict[str, Any] | None:
    return None if cache is None else {"kind": cache.kind, "threshold": str(cache.threshold)}


def _out_of_memory(error: BaseException) -> OutOfMemory:
    # The frames of the traceback hold the tensors that filled the device.
    traceback.clear_frames(error.__traceback__)
    return OutOfMemory()

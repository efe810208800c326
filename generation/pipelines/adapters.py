"""LoRA adapters: worn by a pipeline for one render, and taken off again whatever happens."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import diffusers
import torch
from safetensors import SafetensorError

from generation.errors import (
    AdapterChanged,
    AdapterMisfit,
    AdapterUnavailable,
    RenderError,
)

if TYPE_CHECKING:
    from generation.catalogue import Adapter, Entry
    from generation.pipelines.base import Job

_diffusers: Any = diffusers
_PREFIX = "transformer."
# How the two halves of an adapted layer are named, in today's and in yesterday's files.
_DOWN = (".lora_A.weight", ".lora.down.weight")
_UP = (".lora_B.weight", ".lora.up.weight")
_BIAS = (".lora_B.bias",)


@contextmanager
def worn(pipe: Any, entry: Entry, job: Job) -> Iterator[None]:
    """Let *pipe* wear the job's adapter meanwhile; afterwards it is as if it never had.

    Raises:
        AdapterUnavailable, AdapterChanged, AdapterMisfit: before anything is rendered.
    """
    if not job.adapter_key:
        yield
        return
    adapter = entry.adapter(job.adapter_key)
    if adapter is None:
        raise AdapterUnavailable
    verify(adapter)
    problem = misfit(type(pipe), pipe.transformer, adapter)
    if problem:
        raise AdapterMisfit from ValueError(f"{adapter.file}: {problem}")
    try:
        pipe.load_lora_weights(
            str(adapter.file.parent),
            weight_name=adapter.file.name,
            adapter_name=adapter.key,
            use_safetensors=True,
            local_files_only=True,
        )
        pipe.set_adapters([adapter.key], [job.adapter_weight])
        yield
    finally:
        pipe.unload_lora_weights()


def verify(adapter: Adapter) -> None:
    """Raises:
    AdapterUnavailable: when the file cannot be read.
    AdapterChanged: when its bytes are not those the catalogue pins.
    """
    found = _digest(adapter.file)
    if found != adapter.sha256:
        raise AdapterChanged from ValueError(
            f"{adapter.file} has the digest {found}, the catalogue says {adapter.sha256}"
        )


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise AdapterUnavailable from error


def problem_of(pipeline_class: type, transformer_class: str, entry: Entry, adapter: Adapter) -> str:
    """Why *adapter* cannot be worn by the model of *entry*, in words; "" when it can.

    Looks at the shapes the model's configuration gives, so no weights are read. A model whose
    files are still to be fetched is looked at when it is loaded.
    """
    try:
        verify(adapter)
    except RenderError as error:
        return str(error.__cause__ or error)
    folder = entry.weights.folder
    if folder is None or not (folder / "transformer" / "config.json").is_file():
        return ""
    network: Any = getattr(_diffusers, transformer_class)
    with torch.device("meta"):
        transformer = network.from_config(network.load_config(folder / "transformer"))
    return misfit(pipeline_class, transformer, adapter)


def misfit(pipeline_class: Any, transformer: torch.nn.Module, adapter: Adapter) -> str:
    """What of the adapter's file *transformer* has no place for, in words; "" when all fits."""
    try:
        state: Mapping[str, torch.Tensor] = pipeline_class.lora_state_dict(
            str(adapter.file.parent),
            weight_name=adapter.file.name,
            use_safetensors=True,
            local_files_only=True,
        )
    # Files in other makers' formats are translated by diffusers, which raises whatever it stumbles
    # over in one that is no adapter.
    except (
        *(OSError, ValueError, KeyError, IndexError, AttributeError, TypeError, RuntimeError),
        SafetensorError,
    ) as error:
        return f"cannot be read as an adapter ({error})"
    if not state:
        return "holds no weights"
    layers = dict(transformer.named_modules())
    for name, tensor in state.items():
        if problem := _no_place(name, tuple(tensor.shape), layers):
            return problem
    return ""


def _no_place(name: str, shape: tuple[int, ...], layers: Mapping[str, torch.nn.Module]) -> str:
    suffix = next((end for end in (*_DOWN, *_UP, *_BIAS) if name.endswith(end)), None)
    if suffix is None or not name.startswith(_PREFIX):
        return f"{name} is no weight of an adapter of the model's network"
    layer = layers.get(name.removeprefix(_PREFIX).removesuffix(suffix))
    weight = getattr(layer, "weight", None)
    if layer is None or not isinstance(weight, torch.Tensor):
        return f"the model has no layer for {name}"
    if suffix in _DOWN:
        wanted, found = weight.shape[1], shape[1] if len(shape) > 1 else 0
    else:
        wanted, found = weight.shape[0], shape[0] if shape else 0
    if wanted != found:
        return f"{name} is made for {found} channels, the model has {wanted}"
    return ""

"""Whether the installed libraries can do what an entry asks, before any weights are read."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NoReturn

import diffusers

from generation.errors import CatalogueInvalid
from generation.pipelines import adapters
from generation.pipelines.diffusion import DiffusersModel, cache_class
from generation.pipelines.registry import model_class

if TYPE_CHECKING:
    from generation.catalogue import Entry

_diffusers: Any = diffusers


def check(entry: Entry) -> None:
    """Raises:
    CatalogueInvalid: naming the entry's file, the field and what is missing.
    """
    model = model_class(entry.pipeline)
    for name in (model.pipeline_class, model.transformer_class):
        if not hasattr(_diffusers, name):
            _refuse(entry, "pipeline", f"the installed diffusers has no {name}")
    transformer = getattr(_diffusers, model.transformer_class)
    runtime = entry.runtime
    _check_attention(entry, model)
    if runtime.compile and not getattr(transformer, "_repeated_blocks", None):
        _refuse(entry, "compile", f"{model.transformer_class} names no blocks to compile")
    if runtime.step_cache is not None:
        kind = runtime.step_cache.kind
        if cache_class(kind) is None or not hasattr(transformer, "enable_cache"):
            _refuse(entry, "step_cache", f"the installed diffusers has no {kind} cache")
        if not model.step_caches:
            _refuse(entry, "step_cache", f"{model.pipeline_class} cannot use one")
    if runtime.offload != "none" and find_spec("accelerate") is None:
        _refuse(entry, "offload", "needs the package accelerate")
    _check_adapters(entry, model)


def _check_adapters(entry: Entry, model: type[DiffusersModel]) -> None:
    for adapter in entry.adapters:
        if find_spec("peft") is None or not hasattr(model.pipeline(), "load_lora_weights"):
            problem = f"{model.pipeline_class} needs the package peft, or takes no adapters"
        else:
            problem = adapters.problem_of(model.pipeline(), model.transformer_class, entry, adapter)
        if problem:
            raise CatalogueInvalid(f"{entry.path}: adapters.{adapter.key}.file: {problem}")


def _check_attention(entry: Entry, model: type[DiffusersModel]) -> None:
    from diffusers.models import attention_dispatch

    wanted = entry.runtime.attention
    dispatch: Any = attention_dispatch
    known = sorted(backend.value for backend in dispatch.AttentionBackendName)
    if wanted not in known:
        _refuse(entry, "attention", f"is {wanted!r}; say one of {', '.join(known)}")
    if wanted != "native" and not model.attention_backends:
        _refuse(entry, "attention", f"{model.transformer_class} cannot change its attention")
    try:
        dispatch._check_attention_backend_requirements(dispatch.AttentionBackendName(wanted))
    except RuntimeError as error:
        _refuse(entry, "attention", str(error))


def _refuse(entry: Entry, field: str, problem: str) -> NoReturn:
    where = field if field == "pipeline" else f"runtime.{field}"
    raise CatalogueInvalid(f"{entry.path}: {where}: {problem}")

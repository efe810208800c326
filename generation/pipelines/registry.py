"""Which class renders which family. Importing it loads no torch; asking it for a class does."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generation.pipelines.diffusion import DiffusersModel

CLASSES: Mapping[str, str] = {
    "wan": "wan:WanModel",
    "wan-image": "wan:WanImageModel",
    "wan-video": "wan:WanVideoModel",
    "ltx": "ltx:LtxModel",
    "cogvideox": "cogvideox:CogVideoXModel",
    "hunyuan-video": "hunyuan_video:HunyuanVideoModel",
}


def model_class(family: str) -> type[DiffusersModel]:
    """The class for a catalogue entry's ``pipeline``."""
    module, _separator, name = CLASSES[family].partition(":")
    found: type[DiffusersModel] = getattr(
        importlib.import_module(f"generation.pipelines.{module}"), name
    )
    return found

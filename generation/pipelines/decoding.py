"""From latents to frames, a few at a time, so that the frames of a clip are never held together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from generation.errors import RenderError
from generation.media.frames import Frame


@dataclass(frozen=True, kw_only=True)
class Latents:
    """What a pipeline was about to hand to its autoencoder, for one clip or a batch of them.

    Attributes:
        z: (clips, channels, latent frames, rows, columns), scaled as the autoencoder wants them.
        condition: what else it is called with, such as the time step of a decoder that denoises.
    """

    z: torch.Tensor
    condition: tuple[Any, ...]


class _Reached(Exception):
    def __init__(self, latents: Latents) -> None:
        super().__init__()
        self.latents = latents


def latents_of(pipe: Any, arguments: Mapping[str, Any]) -> Latents:
    """Call *pipe* and stop where it would decode.

    Every pipeline scales its latents in its own way before that. Asked for latents it would leave
    that out, so it is asked for frames, and what reaches the autoencoder is exact for each.

    Raises:
        RenderError: when the pipeline does not decode.
        Exception: whatever the pipeline or a callback raises.
    """

    def stop_here(z: torch.Tensor, *condition: Any, **_options: Any) -> None:
        raise _Reached(Latents(z=z, condition=condition))

    pipe.vae.decode = stop_here
    try:
        pipe(**arguments, output_type="np")
    except _Reached as reached:
        return reached.latents
    finally:
        del pipe.vae.decode
    raise RenderError from TypeError(f"{type(pipe).__name__} did not call its autoencoder")


def frames_of(
    pipe: Any, latents: Latents, clip: int, *, shape: tuple[int, int, int, int]
) -> Iterator[Frame]:
    """The frames of the batch's *clip*, decoded while they are read, cut to *shape*'s middle.

    Args:
        shape: (count, height, width, 3); the sides at most those that the pipeline makes.

    Raises:
        RenderError: when other frames come out than *shape* says.
        Exception: whatever the autoencoder raises.
    """
    count, height, width, _channels = shape
    made = 0
    for part in _parts(pipe.vae, latents, clip):
        for index in range(part.shape[2]):
            whole = pipe.video_processor.postprocess_video(
                part[:, :, index : index + 1], output_type="np"
            )[0, 0]
            top, left = (whole.shape[0] - height) // 2, (whole.shape[1] - width) // 2
            if made == count or top < 0 or left < 0:
                raise _other_than(shape, f"frame {made + 1} of {whole.shape}")
            cut = whole[top : top + height, left : left + width]
            yield np.ascontiguousarray((cut.clip(0.0, 1.0) * 255.0).round().astype(np.uint8))
            made += 1
    if made != count:
        raise _other_than(shape, f"{made} frames")


def _other_than(shape: tuple[int, int, int, int], made: str) -> RenderError:
    error = RenderError()
    error.__cause__ = ValueError(f"the pipeline gave {made}, not {shape}")
    return error


def _parts(vae: Any, latents: Latents, clip: int) -> Iterator[torch.Tensor]:
    """Stretches (1, 3, frames, height, width) of the decoded video, as float between -1 and 1."""
    z = latents.z[clip : clip + 1]
    # What diffusers does when decode itself is called: offloaded weights move to the device.
    hook = getattr(vae, "_hf_hook", None)
    if hook is not None and hasattr(hook, "pre_forward"):
        hook.pre_forward(vae)
    in_time = _IN_TIME.get(type(vae).__name__)
    if in_time is None or _tiled(vae, z):
        yield _whole(vae, z, latents.condition, clip)
        return
    parts = in_time(vae, z)
    while True:
        # Entered for each part: a generator must not leave the caller without gradients.
        with torch.no_grad():
            part = next(parts, None)
        if part is None:
            return
        yield part


def _whole(vae: Any, z: torch.Tensor, condition: tuple[Any, ...], clip: int) -> torch.Tensor:
    own = (
        part[clip : clip + 1] if isinstance(part, torch.Tensor) and part.ndim else part
        for part in condition
    )
    with torch.no_grad():
        decoded: torch.Tensor = vae.decode(z, *own, return_dict=False)[0]
    return decoded


def _tiled(vae: Any, z: torch.Tensor) -> bool:
    """Whether the autoencoder would cut this picture in tiles, which it decodes one by one."""
    if not vae.use_tiling:
        return False
    if hasattr(vae, "tile_latent_min_height"):
        height, width = vae.tile_latent_min_height, vae.tile_latent_min_width
    else:
        ratio = vae.spatial_compression_ratio
        height, width = vae.tile_sample_min_height // ratio, vae.tile_sample_min_width // ratio
    return bool(z.shape[3] > height or z.shape[4] > width)


def _wan(vae: Any, z: torch.Tensor) -> Iterator[torch.Tensor]:
    """One latent frame after the other: the decoder is causal and keeps what it needs of the past.

    The same calls in the same order as in ``AutoencoderKLWan._decode``, and so the same bits.
    """
    past: list[Any] = [None] * vae._cached_conv_counts["decoder"]
    z = vae.post_quant_conv(z)
    for index in range(z.shape[2]):
        part = vae.decoder(
            z[:, :, index : index + 1], feat_cache=past, feat_idx=[0], first_chunk=index == 0
        )
        if vae.config.patch_size is not None:
            part = _wan_module().unpatchify(part, patch_size=vae.config.patch_size)
        yield part.clamp(min=-1.0, max=1.0)


def _wan_module() -> Any:
    from diffusers.models.autoencoders import autoencoder_kl_wan

    return autoencoder_kl_wan


def _cogvideox(vae: Any, z: torch.Tensor) -> Iterator[torch.Tensor]:
    """A few latent frames at a time, like ``AutoencoderKLCogVideoX._decode``."""
    size = vae.num_latent_frames_batch_size
    count = z.shape[2]
    odd = count % size
    past: Any = None
    for index in range(max(count // size, 1)):
        first = size * index + (odd if index else 0)
        part = z[:, :, first : size * (index + 1) + odd]
        if vae.post_quant_conv is not None:
            part = vae.post_quant_conv(part)
        part, past = vae.decoder(part, conv_cache=past)
        yield part


_IN_TIME: Mapping[str, Callable[[Any, torch.Tensor], Iterator[torch.Tensor]]] = {
    "AutoencoderKLWan": _wan,
    "AutoencoderKLCogVideoX": _cogvideox,
}

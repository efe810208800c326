"""What each family of pipelines demands. Free of torch: ``pipelines.registry`` has the classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Family:
    """The rules of one diffusers pipeline.

    Attributes:
        size_multiple: the pipeline makes only sides, in pixels, that are multiples of it.
        frames_step: a length in frames must be one more than a multiple of it.
        image_input: what a job brings beside its prompt: ``none``, or of another clip the last
            frame (``picture``) or all of them (``video``).
        negative_prompt: whether it can be told what not to show.
    """

    size_multiple: int
    frames_step: int
    image_input: str = "none"
    negative_prompt: bool = True

    def rendered(self, width: int, height: int) -> tuple[int, int]:
        """Sides in pixels of what the pipeline makes for a clip of *width* × *height*."""
        multiple = self.size_multiple
        return (-(-width // multiple) * multiple, -(-height // multiple) * multiple)

    @property
    def batches(self) -> bool:
        """Whether clips can be rendered in one call: one that starts from a picture takes one."""
        return self.image_input == "none"

    def frames_fit(self, frames: int) -> bool:
        return frames >= 1 and (frames - 1) % self.frames_step == 0


FAMILIES: Mapping[str, Family] = {
    "wan": Family(size_multiple=16, frames_step=4),
    "wan-image": Family(size_multiple=16, frames_step=4, image_input="picture"),
    "wan-video": Family(size_multiple=16, frames_step=4, image_input="video"),
    "ltx": Family(size_multiple=32, frames_step=8),
    # Its autoencoder decodes latent frames in pairs after the first one, so lengths that are only
    # 1 + a multiple of 4 come out longer than asked for.
    "cogvideox": Family(size_multiple=16, frames_step=8),
    # Guidance is an input of this network, not a second pass, so there is nothing to lead away.
    "hunyuan-video": Family(size_multiple=16, frames_step=4, negative_prompt=False),
}

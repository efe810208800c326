"""The starter model's autoencoder: a fixed linear encoder and a learned decoder.

Import this module before `WanPipeline.from_pretrained`, which then finds the class by its path.
"""

import itertools
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from diffusers.configuration_utils import ConfigMixin, register_to_config
from diffusers.models.modeling_utils import ModelMixin
from diffusers.utils.outputs import BaseOutput
from torch import Tensor, nn

BLOCK_TIME = 4
BLOCK_SIDE = 16
BLOCK = 3 * BLOCK_TIME * BLOCK_SIDE * BLOCK_SIDE
# What differs less than this from how its pixel looks most of the time is noise, and what differs
# more than the other is the subject. Of a range of 2.
NOISE, SUBJECT = 0.1, 0.3
# Pixels over which that is averaged.
SURROUNDINGS = 5


@dataclass
class DecodedClip(BaseOutput):
    """`sample`: (batch, 3, frames, height, width) between -1 and 1."""

    sample: Tensor


def to_blocks(video: Tensor) -> Tensor:
    """(b, 3, 4n+1, h, w) to (b, n+1, h/16, w/16, 3072).

    The first frame stands four times in the first block.
    Raises ValueError for a size that does not divide.
    """
    b, c, t, h, w = video.shape
    if (t - 1) % BLOCK_TIME or h % BLOCK_SIDE or w % BLOCK_SIDE:
        raise ValueError(f"frames must be 4n+1 and sides multiples of 16, got {t}×{h}×{w}")
    video = torch.cat([video[:, :, :1].expand(-1, -1, BLOCK_TIME - 1, -1, -1), video], dim=2)
    n, rows, cols = (t + 3) // BLOCK_TIME, h // BLOCK_SIDE, w // BLOCK_SIDE
    blocks = video.reshape(b, c, n, BLOCK_TIME, rows, BLOCK_SIDE, cols, BLOCK_SIDE)
    return blocks.permute(0, 2, 4, 6, 1, 3, 5, 7).reshape(b, n, rows, cols, BLOCK)


def hold_still(clips: Tensor) -> Tensor:
    """Clips (b, 3, t, h, w) without what flickers beside the subject: every place stands still.

    Each pixel is drawn to its median over time, the more the less its surroundings differ from it.
    """
    b, _, t, h, w = clips.shape
    still = clips.median(dim=2, keepdim=True).values
    change = clips - still
    strength = F.avg_pool2d(
        change.abs().amax(dim=1).view(b * t, 1, h, w), SURROUNDINGS, 1, SURROUNDINGS // 2
    )
    kept = ((strength - NOISE) / (SUBJECT - NOISE)).clamp(0, 1)
    return still + change * kept.view(b, 1, t, h, w)


class Residual(nn.Module):
    """Two convolutions around a skip; with `depth` they also see the neighbouring latent frames."""

    def __init__(self, width: int, *, depth: bool = False) -> None:
        super().__init__()
        conv = nn.Conv3d if depth else nn.Conv2d
        self.first = conv(width, width, 3, padding=1)
        self.second = conv(width, width, 3, padding=1)
        nn.init.zeros_(self.second.weight)
        if self.second.bias is not None:
            nn.init.zeros_(self.second.bias)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = x + self.second(F.silu(self.first(F.silu(x))))
        return out


class Rise(nn.Module):
    """Doubles the sides: (b, i, h, w) to (b, o, 2h, 2w), then a residual block."""

    def __init__(self, incoming: int, outgoing: int) -> None:
        super().__init__()
        self.widen = nn.Conv2d(incoming, outgoing * 4, 1)
        self.block = Residual(outgoing)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.block(F.pixel_shuffle(self.widen(F.silu(x)), 2))
        return out


class StarterAutoencoder(ModelMixin, ConfigMixin):  # type: ignore[misc]
    """Blocks of 4 frames × 16 × 16 pixels to `z_dim` principal components and back.

    The encoder is a projection; the decoder adds to its inverse what a small convolutional network,
    which sees across block borders, knows about the pictures.
    """

    _supports_gradient_checkpointing = False

    @register_to_config  # type: ignore[untyped-decorator]
    def __init__(
        self,
        z_dim: int = 64,
        latents_mean: tuple[float, ...] | None = None,
        latents_std: tuple[float, ...] | None = None,
        scale_factor_spatial: int = BLOCK_SIDE,
        scale_factor_temporal: int = BLOCK_TIME,
        width: int = 128,
        trunk_blocks: int = 2,
        rise_widths: tuple[int, ...] = (128, 96, 48),
        pixel_width: int = 24,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.register_buffer("basis", torch.zeros(z_dim, BLOCK))
        self.register_buffer("centre", torch.zeros(BLOCK))
        self.register_buffer("unit_mean", torch.tensor(latents_mean or [0.0] * z_dim))
        self.register_buffer("unit_std", torch.tensor(latents_std or [1.0] * z_dim))
        self.entry = nn.Conv3d(z_dim, width, 3, padding=1)
        self.trunk = nn.ModuleList(Residual(width, depth=True) for _ in range(trunk_blocks))
        sizes = [width, *rise_widths]
        self.rises = nn.ModuleList(Rise(a, b) for a, b in itertools.pairwise(sizes))
        self.last = nn.Conv2d(sizes[-1], pixel_width * 4, 1)
        self.refine = nn.Conv2d(pixel_width + 3 * BLOCK_TIME, pixel_width, 3, padding=1)
        self.out = nn.Conv2d(pixel_width, 3 * BLOCK_TIME, 3, padding=1)
        nn.init.zeros_(self.out.weight)

    def encode(self, video: Tensor) -> Tensor:
        """(b, 3, 4n+1, h, w) between -1 and 1 to raw latents (b, z_dim, n+1, h/16, w/16)."""
        flat: Tensor = (to_blocks(video) - self.centre) @ self.basis.T
        return flat.permute(0, 4, 1, 2, 3)

    def linear(self, z: Tensor) -> Tensor:
        """The projection's inverse, one picture of four frames a latent frame: (b·n, 12, h, w)."""
        b, _, n, rows, cols = z.shape
        blocks: Tensor = z.permute(0, 2, 3, 4, 1) @ self.basis + self.centre
        blocks = blocks.reshape(b * n, rows, cols, 3 * BLOCK_TIME, BLOCK_SIDE, BLOCK_SIDE)
        return blocks.permute(0, 3, 1, 4, 2, 5).reshape(
            b * n, 3 * BLOCK_TIME, rows * BLOCK_SIDE, cols * BLOCK_SIDE
        )

    def features(self, z: Tensor) -> Tensor:
        """The trunk over all latent frames: (b, width, n, rows, cols)."""
        unit = (z - self.unit_mean.view(1, -1, 1, 1, 1)) / self.unit_std.view(1, -1, 1, 1, 1)
        x: Tensor = self.entry(unit)
        for block in self.trunk:
            x = block(x)
        return x

    def paint(self, x: Tensor, base: Tensor) -> Tensor:
        """Trunk features (m, width, rows, cols) and linear pictures (m, 12, h, w) to pictures."""
        x = x.contiguous(memory_format=torch.channels_last)
        for rise in self.rises:
            x = rise(x)
        x = F.pixel_shuffle(self.last(F.silu(x)), 2)
        x = self.refine(torch.cat([x, base], dim=1))
        out: Tensor = base + self.out(F.silu(x))
        return out

    def decode(self, z: Tensor, return_dict: bool = True) -> DecodedClip | tuple[Tensor]:
        """Raw latents (b, z_dim, n, rows, cols) to clips (b, 3, 4n-3, 16·rows, 16·cols) in -1–1."""
        b, _, n, rows, cols = z.shape
        x = self.features(z).transpose(1, 2).flatten(0, 1)
        base = self.linear(z)
        # One latent frame at a time keeps the wide pictures small in memory.
        painted = torch.cat([self.paint(x[i : i + 1], base[i : i + 1]) for i in range(b * n)])
        video = painted.view(b, n, 3, BLOCK_TIME, rows * BLOCK_SIDE, cols * BLOCK_SIDE).transpose(
            1, 2
        )
        first = video[:, :, :1].mean(dim=3)
        rest = video[:, :, 1:].flatten(2, 3)
        clip = hold_still(torch.cat([first, rest], dim=2)).clamp(-1, 1)
        return DecodedClip(sample=clip) if return_dict else (clip,)

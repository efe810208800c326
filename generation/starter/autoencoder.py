"""The starter model's autoencoder: a fixed linear encoder and a learned decoder.

Import this module before `WanPipeline.from_pretrained`, which then finds the class by its path.
"""

import itertools
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from diffusers.configuration_utils import ConfigMixin, register_to_config
from diffusers.models.modeling_utils import ModelMixin
from diffusers.utils.outputs import BaseOutput
from torch import Tensor, nn

from generation.starter.layers import SHEET, WIDTH, field_grid, lay

BLOCK_TIME = 4
BLOCK_SIDE = 16
BLOCK = 3 * BLOCK_TIME * BLOCK_SIDE * BLOCK_SIDE
# How far from a cell the subject's centre may lie in its words, in cells, and how much a subject's
# width may differ from the usual.
FAR, BROAD = 2.0, 0.75


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


def evened(x: Tensor) -> Tensor:
    """Features (b, c, …) with a mean square of 1 over the channels of each place."""
    made: Tensor = x * torch.rsqrt(x.square().mean(dim=1, keepdim=True) + 1e-6)
    return made


class Rise(nn.Module):
    """Doubles the sides: (b, i, h, w) to (b, o, 2h, 2w), then a residual block."""

    def __init__(self, incoming: int, outgoing: int) -> None:
        super().__init__()
        self.widen = nn.Conv2d(incoming, outgoing * 4, 1)
        self.block = Residual(outgoing)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.block(F.pixel_shuffle(self.widen(F.silu(x)), 2))
        return out


class Painter(nn.Module):
    """Features (b, i, rows, cols) to pictures 16 times as wide and high, of `made` channels.

    Beside them it sees a picture of `seen` channels that is as large already.
    With `even` what each size hands to the next is evened, without which it grows with training.
    """

    def __init__(
        self,
        incoming: int,
        widths: tuple[int, ...],
        pixel_width: int,
        *,
        seen: int = 0,
        made: int,
        even: bool,
    ) -> None:
        super().__init__()
        self.even = even
        sizes = [incoming, *widths]
        self.rises = nn.ModuleList(Rise(a, b) for a, b in itertools.pairwise(sizes))
        self.last = nn.Conv2d(sizes[-1], pixel_width * 4, 1)
        self.refine = nn.Conv2d(pixel_width + seen, pixel_width, 3, padding=1)
        self.out = nn.Conv2d(pixel_width, made, 3, padding=1)
        # Grey at first: what begins black or white would hardly learn.
        nn.init.zeros_(self.out.weight)

    def forward(self, x: Tensor, beside: Tensor | None = None) -> Tensor:
        x = x.contiguous(memory_format=torch.channels_last)
        for rise in self.rises:
            x = self._handed_on(rise(x))
        x = self._handed_on(F.pixel_shuffle(self.last(F.silu(x)), 2))
        if beside is not None:
            x = torch.cat([x, beside], dim=1)
        out: Tensor = self.out(F.silu(self.refine(x)))
        return out

    def _handed_on(self, x: Tensor) -> Tensor:
        return evened(x) if self.even else x


class Layers(NamedTuple):
    """What a clip is decoded to, as `layers.lay` takes it.

    `ground` (b, 3, h, w), about 0 to 1; `sheet` (b, 4, s, s), 0 to 1; `path` (b, n, 4, 3), pixels.
    """

    ground: Tensor
    sheet: Tensor
    path: Tensor


class StarterAutoencoder(ModelMixin, ConfigMixin):  # type: ignore[misc]
    """Blocks of 4 frames × 16 × 16 pixels to `z_dim` principal components and back.

    The encoder is a projection. The decoder reads layers from the latents: a still ground, a
    cut-out and its path. So what stands stands still, and the subject stays itself while it moves.
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
        ground_widths: tuple[int, ...] = (128, 96, 48),
        sheet_widths: tuple[int, ...] = (96, 64, 32),
        pixel_width: int = 24,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.register_buffer("basis", torch.zeros(z_dim, BLOCK))
        self.register_buffer("centre", torch.zeros(BLOCK))
        self.register_buffer("unit_mean", torch.tensor(latents_mean or [0.0] * z_dim))
        self.register_buffer("unit_std", torch.tensor(latents_std or [1.0] * z_dim))
        self.entry = nn.Conv3d(z_dim, width, 3, padding=1)
        self.trunk = nn.ModuleList(Residual(width, depth=True) for _ in range(trunk_blocks))
        # For each of a block's four frames: the score of a cell and what it says of the subject.
        self.find = nn.Conv3d(width, BLOCK_TIME * 4, 1)
        self.bare = nn.Conv3d(width, 1, 1)
        self.ground_entry = nn.Conv2d(z_dim, width, 1)
        # Where a place's things stand depends on one another, so each cell hears of all.
        self.whole = nn.Conv2d(width, width, 1)
        self.settle = Residual(width)
        self.ground = Painter(width, ground_widths, pixel_width, seen=3, made=3, even=True)
        self.gather = nn.Conv2d(width + 3, width + 1, 1)
        self.sheet = Painter(width, sheet_widths, pixel_width, made=4, even=False)

    def encode(self, video: Tensor) -> Tensor:
        """(b, 3, 4n+1, h, w) between -1 and 1 to raw latents (b, z_dim, n+1, h/16, w/16)."""
        flat: Tensor = (to_blocks(video) - self.centre) @ self.basis.T
        return flat.permute(0, 4, 1, 2, 3)

    def linear(self, z: Tensor) -> Tensor:
        """The projection's inverse: frames (b, 4n, 3, h, w), the first four of them one."""
        b, _, n, rows, cols = z.shape
        blocks: Tensor = z.permute(0, 2, 3, 4, 1) @ self.basis + self.centre
        blocks = blocks.reshape(b, n, rows, cols, 3, BLOCK_TIME, BLOCK_SIDE, BLOCK_SIDE)
        return blocks.permute(0, 1, 5, 4, 2, 6, 3, 7).reshape(
            b, n * BLOCK_TIME, 3, rows * BLOCK_SIDE, cols * BLOCK_SIDE
        )

    def in_units(self, z: Tensor) -> Tensor:
        """Raw latents as those of variance 1 that the transformer makes."""
        shape = (1, -1, 1, 1, 1)
        unit: Tensor = (z - self.unit_mean.view(shape)) / self.unit_std.view(shape)
        return unit

    def features(self, z: Tensor) -> Tensor:
        """The trunk over all latent frames: (b, width, n, rows, cols)."""
        x: Tensor = self.entry(self.in_units(z))
        for block in self.trunk:
            x = block(x)
        return F.silu(evened(x))

    def path_of(self, x: Tensor) -> Tensor:
        """Centre and width of the subject in every frame, from the trunk: (b, n, 4, 3) in pixels.

        Each cell votes for a place near it, and counts as much as it holds itself the subject's.
        """
        b, _, n, rows, cols = x.shape
        said = self.find(x).view(b, BLOCK_TIME, 4, n, rows * cols).permute(0, 3, 1, 2, 4)
        y, x_ = torch.meshgrid(
            torch.arange(rows, device=x.device), torch.arange(cols, device=x.device), indexing="ij"
        )
        at = torch.stack([x_.flatten(), y.flatten()]) + 0.5
        # Bounded, so that no cell speaks for what it cannot see.
        told = said[..., 1:, :].tanh()
        vote = torch.cat([at + FAR * told[..., :2, :], 1 + BROAD * told[..., 2:, :]], dim=3)
        share = said[..., :1, :].softmax(dim=-1)
        mean = (vote * share).sum(dim=-1)
        scale = torch.tensor([BLOCK_SIDE, BLOCK_SIDE, WIDTH], device=x.device)
        path: Tensor = mean * scale
        return path

    def ground_of(self, z: Tensor, x: Tensor) -> Tensor:
        """The place without its subject, from raw latents and trunk: (b, 3, h, w), about 0 to 1."""
        # Of each cell the latent frames count in which nothing stands before it.
        open_ = self.bare(x).softmax(dim=2)
        cells = self.ground_entry((self.in_units(z) * open_).sum(dim=2))
        cells = cells + self.whole(cells.mean(dim=(-2, -1), keepdim=True))
        pictures = F.avg_pool3d(self.linear(z).transpose(1, 2), (BLOCK_TIME, 1, 1))
        wide = open_.repeat_interleave(BLOCK_SIDE, -2).repeat_interleave(BLOCK_SIDE, -1)
        seen = (pictures * wide).sum(dim=2)
        painted: Tensor = (seen + 1) / 2 + self.ground(self.settle(cells), seen)
        return painted

    def layers(self, z: Tensor) -> Layers:
        """The layers of a clip's raw latents (b, z_dim, n, rows, cols)."""
        b, _, n, _, cols = z.shape
        x = self.features(z)
        path = self.path_of(x)
        middle = path.mean(dim=2).detach().flatten(0, 1)
        grid = field_grid(middle, SHEET // BLOCK_SIDE, cols * BLOCK_SIDE)
        flat = x.transpose(1, 2).flatten(0, 1)
        seen = F.grid_sample(flat, grid, align_corners=False)
        phase = torch.cat([middle[:, :2] / BLOCK_SIDE % 1, middle[:, 2:] / WIDTH], dim=1)
        where = phase.view(b * n, 3, 1, 1).expand(-1, -1, *seen.shape[-2:])
        told = self.gather(torch.cat([seen, where], dim=1)).unflatten(0, (b, n))
        share = told[:, :, :1].mean(dim=(-2, -1), keepdim=True).softmax(dim=1)
        cut = self.sheet((told[:, :, 1:] * share).sum(dim=1)).sigmoid()
        sheet = torch.cat([cut[:, :3] * cut[:, 3:], cut[:, 3:]], dim=1)
        return Layers(self.ground_of(z, x), sheet, path)

    def decode(self, z: Tensor, return_dict: bool = True) -> DecodedClip | tuple[Tensor]:
        """Raw latents (b, z_dim, n, rows, cols) to clips (b, 3, 4n-3, 16·rows, 16·cols) in -1–1."""
        ground, sheet, path = self.layers(z)
        first = path[:, :1].mean(dim=2)
        whole = torch.cat([first, path[:, 1:].flatten(1, 2)], dim=1)
        clip = lay(ground, sheet, whole).transpose(1, 2).clamp(0, 1).contiguous() * 2 - 1
        return DecodedClip(sample=clip) if return_dict else (clip,)

"""A clip as layers: a still ground, one cut-out, and the path the cut-out goes.

After Wang and Adelson, Representing Moving Images with Layers, IEEE Transactions on Image
Processing 3 (5), 1994. All of it can be differentiated, so that a decoder can learn its layers.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

# The cut-out's square sheet, in its own pixels, and how far it reaches beyond the subject's width.
SHEET = 80
REACH = 1.2
# The width of a subject that neither grows nor shrinks, in pixels of the clip.
WIDTH = 52.0


def sheet_grid(path: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Where the points (x, y) (rows, cols) lie on the sheet for each path (m, 3): -1 to 1.

    A path is centre x, centre y and the subject's width in pixels, as `x` and `y` are.
    """
    half = path[:, 2].view(-1, 1, 1) * (REACH / 2)
    across = (x - path[:, 0].view(-1, 1, 1)) / half
    down = (y - path[:, 1].view(-1, 1, 1)) / half
    return torch.stack([across, down], dim=-1)


def field_grid(path: Tensor, points: int, side: int) -> Tensor:
    """Where a sheet's `points` × `points` cells lie in a square field for each path (m, 3)."""
    steps = (torch.arange(points, device=path.device) + 0.5) * (2 / points) - 1
    half = path[:, 2].view(-1, 1, 1) * (REACH / 2)
    x = path[:, 0].view(-1, 1, 1) + half * steps.view(1, 1, -1)
    y = path[:, 1].view(-1, 1, 1) + half * steps.view(1, -1, 1)
    whole = (len(path), points, points)
    return torch.stack([x.expand(whole), y.expand(whole)], dim=-1) * (2 / side) - 1


def lay(ground: Tensor, sheet: Tensor, path: Tensor) -> Tensor:
    """Frames (b, t, 3, h, w) of a cut-out laid on a ground along a path; all colours 0 to 1.

    `ground` (b, 3, h, w); `sheet` (b, 4, s, s), colours premultiplied by the fourth; `path`
    (b, t, 3) in pixels.
    """
    b, t, _ = path.shape
    h, w = ground.shape[-2:]
    y, x = torch.meshgrid(
        torch.arange(h, device=path.device) + 0.5,
        torch.arange(w, device=path.device) + 0.5,
        indexing="ij",
    )
    flat = path.flatten(0, 1)
    grid = sheet_grid(flat, x, y)
    near = sheet.repeat_interleave(t, dim=0)
    laid = F.grid_sample(near, grid, align_corners=False)
    # A sheet made much smaller is read from a half of its size too, or thin lines would break.
    smaller = torch.log2(sheet.size(-1) / (flat[:, 2] * REACH)).clamp(0, 1).view(-1, 1, 1, 1)
    if bool((smaller > 0).any()):
        far = F.grid_sample(F.avg_pool2d(near, 2), grid, align_corners=False)
        laid = torch.lerp(laid, far, smaller)
    laid = laid.view(b, t, 4, h, w)
    made: Tensor = laid[:, :, :3] + ground[:, None] * (1 - laid[:, :, 3:])
    return made

import numpy as np
import pytest
import torch
from torch import Tensor

from generation.starter.grammar import MOTIONS, Scene
from generation.starter.layers import SHEET, field_grid, lay
from generation.starter.renderer import render, render_background, subject_path, subject_sheet


def picture(pixels: np.ndarray) -> Tensor:
    """uint8 (h, w, c) as (1, c, h, w) between 0 and 1."""
    return torch.tensor(pixels).permute(2, 0, 1)[None] / 255


def layers_of(scene: Scene, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    return (
        picture(render_background(scene, seed)),
        picture(subject_sheet(scene, SHEET)),
        torch.from_numpy(subject_path(scene, seed))[None],
    )


@pytest.mark.parametrize("motion", MOTIONS)
def test_the_layers_of_a_render_make_the_render(motion: str) -> None:
    scene = Scene("rocket", "orange", motion, "forest", "night")
    real = torch.tensor(render(scene, 3)).permute(0, 3, 1, 2)[None] / 255
    made = lay(*layers_of(scene, 3))
    assert made.shape == real.shape == (1, 17, 3, 128, 128)
    assert float((made - real).square().mean()) < 10**-3.3


def test_what_is_not_under_the_cut_out_is_the_ground() -> None:
    ground, _, _ = layers_of(Scene("car", "red", "right", "city", "day"), 1)
    path = torch.tensor([[[64.0, 64.0, 20.0], [500.0, 64.0, 20.0]]])
    made = lay(ground, torch.ones(1, 4, SHEET, SHEET), path)
    # A sheet reaches .6 of the subject's width to each side: 12 pixels.
    assert torch.equal(made[0, 0, :, 56:72, 56:72], torch.ones(3, 16, 16))
    assert torch.equal(made[0, 0, :, :, :51], ground[0, :, :, :51])
    assert torch.equal(made[0, 1], ground[0])


@pytest.mark.parametrize("astray", [[2.0, 0.0, 0.0], [0.0, -2.0, 0.0], [0.0, 0.0, 4.0]])
def test_a_misplaced_cut_out_is_pulled_to_its_place(astray: list[float]) -> None:
    ground, sheet, path = layers_of(Scene("house", "green", "up", "desert", "sunset"), 2)
    real = lay(ground, sheet, path)
    off = torch.tensor(astray)
    wrong = (path + off).requires_grad_()
    (lay(ground, sheet, wrong) - real).square().sum().backward()  # type: ignore[no-untyped-call]
    assert wrong.grad is not None
    assert float((wrong.grad * off).sum()) > 0


def test_the_cells_of_a_sheet_lie_evenly_in_the_field() -> None:
    grid = field_grid(torch.tensor([[64.0, 32.0, 40.0]]), 3, side=128)
    # 48 pixels wide, in three cells of 16 around (64, 32); 0 is the field's middle.
    assert torch.allclose(grid[0, 0, :, 0], torch.tensor([48.0, 64.0, 80.0]) / 64 - 1)
    assert torch.allclose(grid[0, :, 0, 1], torch.tensor([16.0, 32.0, 48.0]) / 64 - 1)

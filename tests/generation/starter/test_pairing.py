import pytest
import torch

from generation.starter.autoencoder import StarterAutoencoder
from generation.starter.dataset import as_video, unit
from generation.starter.grammar import Scene
from generation.starter.pairing import Matcher, seeds_by_layout
from generation.starter.places import LAYOUTS
from generation.starter.renderer import STARTS, arrangement, render
from generation.starter.weights import WEIGHTS


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return Matcher(StarterAutoencoder.from_pretrained(WEIGHTS / "vae", dtype=torch.float32))


def test_each_arrangement_has_its_seed() -> None:
    drawn = [[arrangement(seed) for seed in seeds] for seeds in seeds_by_layout()]
    assert drawn == [[(layout, start) for start in range(STARTS)] for layout in range(LAYOUTS)]


@pytest.mark.parametrize("layout", [0, 5, 11])
def test_a_worn_clip_finds_the_render_it_came_from(matcher: Matcher, layout: int) -> None:
    scene = Scene("boat", "red", "right", "sea", "sunset")
    seed = seeds_by_layout()[layout][1]
    latents = unit(matcher.model, as_video(render(scene, seed)[None]))[0]
    worn = latents + 0.2 * torch.randn(latents.shape, generator=torch.Generator().manual_seed(1))
    assert matcher.seed_of(scene, worn) == seed

import hashlib

import numpy as np
import pytest

from generation.starter.autoencoder import BLOCK_SIDE, BLOCK_TIME
from generation.starter.grammar import COLOURS, MOTIONS, PLACES, SUBJECTS, TIMES, Scene
from generation.starter.renderer import STARTS, arrangement, render, render_background

SCENE = Scene("cat", "blue", "right", "sea", "night")


def test_a_clip_is_17_frames_of_128_by_128() -> None:
    clip = render(SCENE, seed=1)
    assert clip.shape == (17, 128, 128, 3)
    assert clip.dtype == np.uint8


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    first, again, other = render(SCENE, 1), render(SCENE, 1), render(SCENE, 2)
    assert hashlib.sha256(first.tobytes()).digest() == hashlib.sha256(again.tobytes()).digest()
    assert not np.array_equal(first, other)


def test_the_background_is_the_clip_without_its_subject() -> None:
    clip, bare = render(SCENE, 5), render_background(SCENE, 5)
    assert np.array_equal(clip[0][:, -8:], bare[:, -8:])
    assert not np.array_equal(clip[0], bare)


def subject_mask(scene: Scene, seed: int) -> np.ndarray:
    """Where the subject is: bool (17, 128, 128)."""
    clip, bare = render(scene, seed).astype(int), render_background(scene, seed).astype(int)
    mask: np.ndarray = np.abs(clip - bare).sum(axis=-1) > 60
    return mask


@pytest.mark.parametrize("motion", MOTIONS)
def test_the_two_starts_lie_one_block_apart(motion: str) -> None:
    layout = 4
    near, far = (
        next(seed for seed in range(500) if arrangement(seed) == (layout, start))
        for start in range(STARTS)
    )
    scene = Scene("star", "red", motion, "desert", "night")
    axis = 1 if motion in ("left", "right") else 2
    moved = np.roll(subject_mask(scene, near), BLOCK_SIDE, axis=axis)
    # The place behind is not the same, so a pixel of the outline may be told or not.
    assert (moved != subject_mask(scene, far)).sum() < 0.01 * moved.sum()


@pytest.mark.parametrize(("motion", "axis", "step"), [("right", 2, 16), ("up", 1, -16)])
def test_what_goes_straight_crosses_a_block_in_a_latent_frame(
    motion: str, axis: int, step: int
) -> None:
    masks = subject_mask(Scene("star", "red", motion, "desert", "night"), 3)
    for frame in (1, 4, 7, 12):
        moved = np.roll(masks[frame], step, axis=axis - 1)
        assert (moved != masks[frame + BLOCK_TIME]).sum() < 0.02 * moved.sum()


@pytest.mark.parametrize("motion", MOTIONS)
def test_the_subject_goes_where_the_motion_says(motion: str) -> None:
    masks = subject_mask(Scene("star", "red", motion, "desert", "day"), 3)
    rows, columns = np.arange(128)[:, None], np.arange(128)[None]
    x = [float((mask * columns).sum() / mask.sum()) for mask in masks]
    y = [float((mask * rows).sum() / mask.sum()) for mask in masks]
    grown = masks[-1].sum() / masks[0].sum()
    went = {
        "right": x[-1] - x[0] > 30,
        "left": x[0] - x[-1] > 30,
        "up": y[0] - y[-1] > 30,
        "down": y[-1] - y[0] > 30,
        "bounce": y[0] - y[4] > 20 and abs(y[-1] - y[0]) < 5,
        "grow": grown > 4,
    }
    assert [name for name, true in went.items() if true] == [motion]


@pytest.mark.parametrize(
    "scene",
    [
        *(Scene(subject, "red", "grow", "city", "sunset") for subject in SUBJECTS),
        *(Scene("car", colour, "down", "forest", "night") for colour in COLOURS),
        *(Scene("house", "pink", "bounce", place, time) for place in PLACES for time in TIMES),
    ],
)
def test_every_word_of_the_grammar_can_be_drawn(scene: Scene) -> None:
    clip = render(scene, 11)
    assert clip.std() > 10
    assert not np.array_equal(clip[0], clip[-3])

import hashlib

import numpy as np
import pytest

from generation.starter.grammar import COLOURS, MOTIONS, PLACES, SUBJECTS, TIMES, Scene
from generation.starter.renderer import render, render_background

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


def test_a_wider_spread_gives_other_starts() -> None:
    scene = Scene("star", "red", "grow", "desert", "day")

    def furthest(spread: float) -> float:
        """How far from its mean the subject's middle lies at most, in pixels."""
        middles = []
        for seed in range(12):
            last = render(scene, seed, [16], spread=spread)[0].astype(int)
            mask = np.abs(last - render_background(scene, seed)).sum(axis=-1) > 60
            rows, columns = np.nonzero(mask)
            middles.append((rows.mean(), columns.mean()))
        found = np.array(middles)
        return float(np.abs(found - found.mean(axis=0)).max())

    assert furthest(0.0) < 2.5
    assert 3.5 < furthest(1.0) < 8


@pytest.mark.parametrize("motion", MOTIONS)
def test_the_subject_goes_where_the_motion_says(motion: str) -> None:
    scene = Scene("star", "red", motion, "desert", "day")
    clip, bare = render(scene, 3).astype(int), render_background(scene, 3).astype(int)
    masks = np.abs(clip - bare).sum(axis=-1) > 60
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

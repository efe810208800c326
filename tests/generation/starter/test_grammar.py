import random

from generation.starter.grammar import Scene, scenes, split, training_caption
from generation.starter.vocabulary import unknown_words


def test_no_held_out_combination_is_taught() -> None:
    taught, held = split()
    assert not set(taught) & set(held)
    assert len(taught) + len(held) == len(list(scenes())) == 8 * 8 * 6 * 6 * 3


def test_the_split_never_moves() -> None:
    taught, held = split()
    assert (len(taught), len(held)) == (5889, 1023)
    assert held[0] == next(scene for scene in scenes() if scene.held_out)
    assert split() == (taught, held)


def test_about_fifteen_in_a_hundred_are_held_out() -> None:
    _, held = split()
    assert 0.13 < len(held) / (8 * 8 * 6 * 6 * 3) < 0.17


def test_captions_change_at_each_draw_and_repeat_for_a_seed() -> None:
    scene = Scene("boat", "red", "left", "sea", "night")
    first = [training_caption(scene, random.Random(4)) for _ in range(2)]
    rng = random.Random(4)
    assert first[0] == first[1]
    assert len({training_caption(scene, rng) for _ in range(40)}) > 30


def test_captions_hold_no_unknown_word_but_the_stand_in() -> None:
    rng = random.Random(9)
    taught, _ = split()
    strange = {
        word
        for _ in range(3000)
        for word in unknown_words(training_caption(rng.choice(taught), rng))
    }
    assert strange == {"xyzzy"}

"""The code against its published polynomial and against every number of errors it corrects."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from review.marks import bch

messages = st.integers(0, 2**64 - 1)


def test_the_generator_is_the_published_one() -> None:
    # Lin and Costello, appendix C: n = 127, k = 64, t = 10, in octal.
    assert oct(bch.GENERATOR) == "0o1206534025570773100045"
    assert bch.GENERATOR.bit_length() - 1 == bch.LENGTH - bch.MESSAGE


def test_a_codeword_is_a_multiple_of_the_generator() -> None:
    word = int("".join(map(str, bch.encode(0x0123_4567_89AB_CDEF))), 2)
    assert word >> 63 == 0x0123_4567_89AB_CDEF
    while word.bit_length() >= bch.GENERATOR.bit_length():
        word ^= bch.GENERATOR << (word.bit_length() - bch.GENERATOR.bit_length())
    assert word == 0


@given(messages, st.integers(0, bch.CORRECTS), st.randoms(use_true_random=False))
def test_up_to_ten_errors_are_corrected(message: int, errors: int, chance: random.Random) -> None:
    word = bch.encode(message)
    word[chance.sample(range(bch.LENGTH), errors)] ^= 1
    assert bch.decode(word) == message


@given(messages, st.randoms(use_true_random=False))
def test_eleven_errors_are_never_taken_for_the_message(message: int, chance: random.Random) -> None:
    word = bch.encode(message)
    word[chance.sample(range(bch.LENGTH), bch.CORRECTS + 1)] ^= 1
    assert bch.decode(word) != message


# Each tries hundreds of words.
@settings(max_examples=25)
@given(messages, st.randoms(use_true_random=False))
def test_doubt_about_the_wrong_bits_corrects_more(message: int, chance: random.Random) -> None:
    soft = np.where(bch.encode(message) == 1, 1.0, -1.0)
    wrong = chance.sample(range(bch.LENGTH), bch.CORRECTS + 4)
    soft[wrong] *= -1
    soft[wrong[:6]] *= 0.1
    assert message in bch.candidates(soft)


def test_the_surest_reading_comes_first() -> None:
    soft = np.where(bch.encode(77) == 1, 1.0, -1.0)
    assert next(bch.candidates(soft)) == 77
    assert list(bch.candidates(soft, doubtful=4)) == [77]


@pytest.mark.parametrize("message", [-1, 2**64])
def test_a_message_of_another_length(message: int) -> None:
    with pytest.raises(ValueError, match="64 bits"):
        bch.encode(message)

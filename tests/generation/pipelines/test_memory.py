"""How many clips fit: the arithmetic, and what is measured for it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.pipelines.device import free_of, memory_of, peak_during
from generation.pipelines.memory import Measured, fitting

GIB = 2**30
CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("free", "volume", "fits"),
    [(100, 1000, 7), (40, 1000, 2), (10, 1000, 1), (0, 1000, 1), (40, 500, 4), (40, 100, 16)],
)
def test_the_second_clip_counts_for_each_and_the_rest_of_the_first_once(
    free: int, volume: int, fits: int
) -> None:
    measured = Measured(volume=1000, one=25 * GIB, two=35 * GIB)

    assert fitting(measured, volume=volume, free=free * GIB, most=16) == fits


def test_where_two_did_not_fit_as_many_fit_as_are_no_larger_than_the_one_that_did() -> None:
    measured = Measured(volume=1000, one=60 * GIB, two=None)

    fits = [fitting(measured, volume=volume, free=0, most=4) for volume in (1000, 501, 500, 100)]

    assert fits == [1, 1, 2, 4]


def test_what_an_allocator_hides_counts_a_quarter() -> None:
    measured = Measured(volume=1000, one=8 * GIB, two=8 * GIB)

    assert fitting(measured, volume=1000, free=20 * GIB, most=16) == 6


sizes = st.integers(0, 10**12)


@settings(deadline=None, derandomize=True)
@given(one=sizes, more=sizes, free=sizes, volume=st.integers(1, 10**8), most=st.integers(1, 16))
def test_what_fits_stays_within_what_is_free(
    one: int, more: int, free: int, volume: int, most: int
) -> None:
    measured = Measured(volume=10**8, one=one, two=one + more)

    fit = fitting(measured, volume=volume, free=free, most=most)

    assert 1 <= fit <= most
    assert fitting(measured, volume=volume, free=free * 2, most=most) >= fit
    if fit > 1 and more >= one // 4:
        assert max(one - more, 0) + fit * more * volume / 10**8 <= free


def test_a_cpu_tells_what_is_free_and_what_was_taken() -> None:
    def take() -> None:
        np.ones(40 * 2**20)

    assert 300 * 2**20 <= peak_during(CPU, take) <= 600 * 2**20
    assert 0 < free_of(CPU) <= memory_of(CPU)

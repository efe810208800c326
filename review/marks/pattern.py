"""Which pattern stands for which number: keyed, in middle frequencies, the same in every frame.

A picture of any size is thought of as 128 × 128 squares of luma. Its two-dimensional cosine
transform has 1,556 coefficients between 9 and 46 half waves: fine enough not to be seen as
shapes, coarse enough to survive scaling and compression. A key deals them out among the 127 bits of
a codeword, a dozen to each, and gives each a sign; a bit turns its coefficients' signs.

Source of the idea: I. Cox, J. Kilian, T. Leighton, T. Shamoon, "Secure Spread Spectrum Watermarking
for Multimedia", IEEE Transactions on Image Processing 6(12), 1997.
"""

from __future__ import annotations

import binascii
import hashlib
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from review.marks import bch

GRID = 128
LOWEST, HIGHEST = 9.0, 46.0
NUMBER_BITS = 48

# Real numbers in squares of the grid, or of the grid's transform.
Grid: TypeAlias = NDArray[np.float64]


@cache
def _basis() -> Grid:
    """The orthonormal cosine transform (DCT-II) as a matrix: rows are frequencies."""
    place = np.arange(GRID)
    waves = np.cos(np.pi * (2 * place[None, :] + 1) * place[:, None] / (2 * GRID))
    waves *= np.sqrt(2 / GRID)
    waves[0] /= np.sqrt(2)
    return np.asarray(waves, np.float64)


def transform(picture: Grid) -> Grid:
    """Coefficients of a (128, 128) picture: rows are vertical, columns horizontal frequencies."""
    return np.asarray(_basis() @ picture @ _basis().T, np.float64)


def inverse(coefficients: Grid) -> Grid:
    """The picture of (128, 128) coefficients."""
    return np.asarray(_basis().T @ coefficients @ _basis(), np.float64)


@cache
def _band() -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    rows, columns = np.mgrid[:GRID, :GRID]
    radius = np.hypot(rows, columns)
    used = (radius >= LOWEST) & (radius <= HIGHEST) & (rows > 0) & (columns > 0)
    return np.asarray(rows[used], np.intp), np.asarray(columns[used], np.intp)


def radii() -> NDArray[np.float64]:
    """How fine each coefficient in use is, in half waves across the picture."""
    rows, columns = _band()
    return np.asarray(np.hypot(rows, columns), np.float64)


def in_use(coefficients: Grid) -> NDArray[np.float64]:
    """Those of (128, 128) coefficients that carry the mark, in a fixed order."""
    return np.asarray(coefficients[_band()], np.float64)


def message_of(number: int) -> int:
    """The 64 bits of a 48-bit *number*: itself and its CRC-16 (CCITT, from 0xFFFF).

    Raises:
        ValueError: *number* has more than 48 bits or is below zero.
    """
    if not 0 <= number < 2**NUMBER_BITS:
        raise ValueError("a mark's number has 48 bits")
    return number << 16 | binascii.crc_hqx(number.to_bytes(6, "big"), 0xFFFF)


def number_of(message: int) -> int | None:
    """The number of 64 bits whose check fits; None for others."""
    number = message >> 16
    return number if message_of(number) == message else None


@dataclass(frozen=True)
class Pattern:
    """How one key deals out the coefficients.

    Args:
        key: at least 16 secret bytes. Without them the mark can be neither read nor aimed at.
    """

    key: bytes

    def __post_init__(self) -> None:
        if len(self.key) < 16:
            raise ValueError("a key has 16 bytes at least")

    @cached_property
    def _dealt(self) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """The bit that each coefficient in use belongs to, and its sign."""
        count = len(radii())
        stream = hashlib.shake_256(b"greenroom mark 1\0" + self.key).digest(9 * count)
        order = np.frombuffer(stream[: 8 * count], ">u8").argsort(kind="stable")
        bits: NDArray[np.intp] = np.empty(count, np.intp)
        bits[order] = np.arange(count) % bch.LENGTH
        signs = np.frombuffer(stream[8 * count :], np.uint8) % 2 * 2.0 - 1.0
        return bits, np.asarray(signs, np.float64)

    def coefficients(self, number: int) -> NDArray[np.float64]:
        """The sign, 1 or -1, of each coefficient in use where *number* is written."""
        bits, signs = self._dealt
        word = bch.encode(message_of(number)) * 2.0 - 1.0
        return np.asarray(signs * word[bits], np.float64)

    def picture(self, number: int) -> Grid:
        """(128, 128) real numbers whose square is 1 on average: what is added where *number* is."""
        whole = np.zeros((GRID, GRID))
        whole[_band()] = self.coefficients(number)
        picture = inverse(whole)
        return np.asarray(picture / np.sqrt(np.mean(picture**2)), np.float64)

    def soft_bits(self, found: NDArray[np.float64]) -> NDArray[np.float64]:
        """127 sums, above zero for a 1, of coefficients in use that were *found*."""
        bits, signs = self._dealt
        return np.asarray(np.bincount(bits, signs * found, bch.LENGTH), np.float64)

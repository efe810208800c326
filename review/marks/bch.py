"""A binary BCH code of length 127 that carries 64 bits and corrects 10 errors.

Sources: S. Lin and D. J. Costello, *Error Control Coding* (2nd ed., 2004), chapter 6 (the code,
Berlekamp's iteration, Chien's search; generator polynomials in its appendix C); D. Chase, "A Class
of Algorithms for Decoding Block Codes with Channel Measurement Information", IEEE Transactions on
Information Theory 18(1), 1972 (the second algorithm).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

LENGTH = 127
MESSAGE = 64
CORRECTS = 10

# 0 and 1, the highest power of x first.
Bits: TypeAlias = NDArray[np.uint8]

# x^7 + x^3 + 1 makes the field of 128 elements.
_FIELD = 0b1000_1001


def _tables() -> tuple[list[int], list[int]]:
    powers, logs = [0] * (2 * LENGTH), [0] * (LENGTH + 1)
    element = 1
    for exponent in range(LENGTH):
        powers[exponent] = powers[exponent + LENGTH] = element
        logs[element] = exponent
        element <<= 1
        if element > LENGTH:
            element ^= _FIELD
    return powers, logs


_POWERS, _LOGS = _tables()


def _times(one: int, other: int) -> int:
    return _POWERS[_LOGS[one] + _LOGS[other]] if one and other else 0


def _generator() -> int:
    """The product of the minimal polynomials of the first 2 t powers, as bits of an integer."""
    roots: set[int] = set()
    for power in range(1, 2 * CORRECTS + 1):
        roots |= {power * 2**step % LENGTH for step in range(7)}
    product = [1]
    for root in roots:
        product = [
            high ^ _times(low, _POWERS[root])
            for high, low in zip([*product, 0], [0, *product], strict=True)
        ]
    return int("".join(map(str, product)), 2)


GENERATOR = _generator()


def encode(message: int) -> Bits:
    """The codeword of 64 bits: the message, then 63 bits that check it.

    Raises:
        ValueError: *message* has more than 64 bits or is below zero.
    """
    if not 0 <= message < 2**MESSAGE:
        raise ValueError("a message has 64 bits")
    shifted = message << (LENGTH - MESSAGE)
    rest = shifted
    while rest.bit_length() > LENGTH - MESSAGE:
        rest ^= GENERATOR << (rest.bit_length() - GENERATOR.bit_length())
    return np.array([int(bit) for bit in f"{shifted | rest:0{LENGTH}b}"], np.uint8)


def decode(word: Bits) -> int | None:
    """The message of the codeword within ten errors of *word*; None when there is none."""
    syndromes = _syndromes(word)
    if not any(syndromes):
        return _message(word)
    locator = _locator(syndromes)
    if len(locator) - 1 > CORRECTS:
        return None
    wrong = _roots(locator)
    if len(wrong) != len(locator) - 1:
        return None
    mended = word.copy()
    mended[wrong] ^= 1
    return _message(mended)


def candidates(soft: NDArray[np.float64], *, doubtful: int = 8) -> Iterator[int]:
    """Messages of codewords near *soft*, by Chase's second algorithm, each once.

    Args:
        soft: 127 values, above zero for a 1; the farther from zero, the surer.
        doubtful: how many of the least sure bits are tried both ways.
    """
    hard = (soft > 0).astype(np.uint8)
    unsure = np.argsort(np.abs(soft), kind="stable")[:doubtful]
    seen: set[int] = set()
    for count in range(doubtful + 1):
        for turned in combinations(unsure, count):
            tried = hard.copy()
            tried[list(turned)] ^= 1
            message = decode(tried)
            if message is not None and message not in seen:
                seen.add(message)
                yield message


def _message(word: Bits) -> int:
    return int("".join(map(str, word[:MESSAGE])), 2)


def _syndromes(word: Bits) -> list[int]:
    exponents = LENGTH - 1 - np.flatnonzero(word)
    found = []
    for power in range(1, 2 * CORRECTS + 1):
        total = 0
        for exponent in exponents:
            total ^= _POWERS[int(exponent) * power % LENGTH]
        found.append(total)
    return found


def _locator(syndromes: list[int]) -> list[int]:
    """The error locator polynomial, lowest power first (Berlekamp and Massey)."""
    current, previous = [1], [1]
    length, gap, last = 0, 1, 1
    for step in range(len(syndromes)):
        discrepancy = syndromes[step]
        for index in range(1, min(length, len(current) - 1) + 1):
            discrepancy ^= _times(current[index], syndromes[step - index])
        if not discrepancy:
            gap += 1
            continue
        factor = _POWERS[(_LOGS[discrepancy] - _LOGS[last]) % LENGTH]
        shifted = [0] * gap + [_times(factor, value) for value in previous]
        size = max(len(current), len(shifted))
        updated = [
            (current[index] if index < len(current) else 0)
            ^ (shifted[index] if index < len(shifted) else 0)
            for index in range(size)
        ]
        if 2 * length <= step:
            length, previous, last, gap = step + 1 - length, current, discrepancy, 1
        else:
            gap += 1
        current = updated
    while current and not current[-1]:
        current.pop()
    return current


def _roots(locator: list[int]) -> list[int]:
    """Places of the errors in the word (Chien)."""
    places = []
    for exponent in range(LENGTH):
        # The locator's roots are the inverses of the error positions.
        value = 0
        for power, factor in enumerate(locator):
            value ^= _times(factor, _POWERS[-exponent * power % LENGTH])
        if not value:
            places.append(LENGTH - 1 - exponent)
    return places

"""A number written into a clip is read from its copies, and from nothing else."""

from __future__ import annotations

import hashlib
import math

import cv2
import numpy as np
import pytest

from bench.marks.attacks import ATTACKS
from bench.marks.scenes import clip
from generation.media.frames import Frame
from review.marks import bch
from review.marks.detection import SURE, Residue, find, fit, residue, soft_bits
from review.marks.embedding import Marker
from review.marks.pattern import Pattern, message_of, number_of, radii

PATTERN = Pattern(b"a key for tests of the mark")
NUMBERS = [int(number) for number in np.random.default_rng(5).integers(0, 2**48, 50)]
FETCHED = NUMBERS[31]
SIZE, COUNT = 192, 9


@pytest.fixture(scope="module", autouse=True)
def _one_core() -> None:
    cv2.setNumThreads(1)


@pytest.fixture(scope="module")
def original() -> list[Frame]:
    return clip(4, height=SIZE, width=SIZE, frames=COUNT)


@pytest.fixture(scope="module")
def marked(original: list[Frame]) -> list[Frame]:
    return written(original, FETCHED)


def written(frames: list[Frame], number: int) -> list[Frame]:
    height, width = frames[0].shape[:2]
    marker = Marker(PATTERN, number, height=height, width=width)
    return [marker.mark(frame) for frame in frames]


def decibels(one: list[Frame], other: list[Frame]) -> float:
    error = np.mean((np.stack(one).astype(float) - np.stack(other)) ** 2)
    return 10 * math.log10(255**2 / error)


def test_the_change_is_hard_to_see(original: list[Frame], marked: list[Frame]) -> None:
    assert decibels(original, marked) >= 40
    change = np.stack(marked).astype(int) - np.stack(original)
    assert np.abs(change).max() <= 24
    # Luma alone, but for what clips at black and white.
    inside = (np.stack(original) > 30).all(axis=3) & (np.stack(original) < 225).all(axis=3)
    assert np.ptp(change[inside], axis=1).max() <= 1


@pytest.mark.parametrize(
    "frame",
    [
        np.zeros((90, 160, 3), np.uint8),
        np.full((90, 160, 3), 255, np.uint8),
        np.full((1, 1, 3), 128, np.uint8),
        np.random.default_rng(1).integers(0, 256, (200, 130, 3), np.uint8),
    ],
    ids=["black", "white", "one pixel", "noise"],
)
def test_any_picture_can_be_marked(frame: Frame) -> None:
    [marked] = written([frame], FETCHED)
    assert marked.shape == frame.shape
    assert marked.dtype == np.uint8
    assert decibels([frame], [marked]) >= 40


# At 192 pixels; what larger ones survive is measured by `make bench-mark`.
@pytest.mark.parametrize(
    "attack", ["CRF 28", "crop 10%", "mirror", "rotation 5°", "24 → 15 fps", "tone", "VP9"]
)
def test_a_copy_names_its_download(attack: str, original: list[Frame], marked: list[Frame]) -> None:
    found = residue(original, ATTACKS[attack](marked))
    finding = find(PATTERN, found, NUMBERS)
    assert (finding.identified, finding.read) == (FETCHED, FETCHED)
    assert finding.best is not None
    assert finding.best.chance <= len(NUMBERS) * math.exp(-(SURE**2) / 2)
    assert found.alignment.mirrored is (attack == "mirror")


def test_a_part_of_the_clip_is_enough(original: list[Frame], marked: list[Frame]) -> None:
    found = residue(original, marked[5:9])
    assert found.alignment.frames == (5, 6, 7, 8)
    assert find(PATTERN, found, NUMBERS).identified == FETCHED


@pytest.mark.parametrize(
    "taken", ["not marked", "another key's", "of a download that is not compared", "other clip"]
)
def test_what_is_not_known_is_inconclusive(
    taken: str, original: list[Frame], marked: list[Frame]
) -> None:
    pattern, copy, numbers = PATTERN, marked, NUMBERS
    if taken == "not marked":
        copy = original
    elif taken == "another key's":
        pattern = Pattern(b"not the key it was written with")
    elif taken == "of a download that is not compared":
        numbers = [number for number in NUMBERS if number != FETCHED]
    else:
        copy = written(clip(7, height=SIZE, width=SIZE, frames=COUNT), FETCHED)
    finding = find(pattern, residue(original, ATTACKS["CRF 23"](copy)), numbers)
    assert finding.identified is None
    assert finding.best is not None
    assert finding.best.z < SURE
    # Without comparing, the number itself is read where the key is right.
    assert finding.read == (FETCHED if "compared" in taken else None)


def test_nothing_to_compare_with(original: list[Frame], marked: list[Frame]) -> None:
    finding = find(PATTERN, residue(original[:1], marked[:1]), [])
    assert (finding.best, finding.identified) == (None, None)
    with pytest.raises(ValueError, match="one frame"):
        residue(original, [])


def test_two_downloads_mixed_name_both(original: list[Frame], marked: list[Frame]) -> None:
    other = written(original, NUMBERS[2])
    mixed = [
        ((one.astype(int) + two) // 2).astype(np.uint8)
        for one, two in zip(marked, other, strict=True)
    ]
    soft = soft_bits(PATTERN, residue(original, mixed))
    fitting = {number for number in NUMBERS if fit(PATTERN, soft, number).z >= SURE}
    assert fitting == {FETCHED, NUMBERS[2]}


def test_long_clips_are_thinned_evenly(original: list[Frame], marked: list[Frame]) -> None:
    long = [frame for frame in marked for _again in range(27)]
    found = residue(original, iter(long))
    assert len(found.alignment.frames) == 61
    assert found.alignment.frames[0] == 0
    assert found.alignment.frames[-1] == COUNT - 1
    assert find(PATTERN, found, NUMBERS).identified == FETCHED


def test_a_mark_can_be_read_for_ever() -> None:
    # What a key deals out must not change with a library: old marks would be lost.
    signs = PATTERN.coefficients(0x0123_4567_89AB)
    assert len(signs) == len(radii()) == 1556
    assert hashlib.sha256((signs > 0).tobytes()).hexdigest() == (
        "a7b64aeaa12418ae1940e2a06c04e37d2d7a8951e160c4fa470178c2b7a93a42"
    )


def test_the_bound_holds_for_random_numbers() -> None:
    chance = np.random.default_rng(11)
    found = Residue(found=chance.normal(size=len(radii())), alignment=None)  # type: ignore[arg-type]
    soft = soft_bits(PATTERN, found)
    reached = np.array(
        [fit(PATTERN, soft, int(number)).z for number in chance.integers(0, 2**48, 2_000)]
    )
    for z in (1.0, 2.0, 3.0):
        assert np.mean(reached >= z) <= math.exp(-(z**2) / 2)
    assert fit(PATTERN, np.zeros(bch.LENGTH), FETCHED).chance == 1.0


def test_numbers_and_their_checks() -> None:
    assert number_of(message_of(FETCHED)) == FETCHED
    assert number_of(message_of(FETCHED) ^ 1) is None
    # "123456" in CRC-16/CCITT-FALSE; the table of https://reveng.sourceforge.io has this kind.
    assert message_of(int.from_bytes(b"123456", "big")) & 0xFFFF == 0x2EF4
    with pytest.raises(ValueError, match="48 bits"):
        message_of(2**48)
    with pytest.raises(ValueError, match="16 bytes"):
        Pattern(b"short")

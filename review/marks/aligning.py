"""Lay a leaked copy over the original again: which frame is which, where, and in what tone.

Sources: D. Lowe, "Distinctive Image Features from Scale-Invariant Keypoints", IJCV 60(2), 2004;
G. Evangelidis and E. Psarakis, "Parametric Image Alignment Using Enhanced Correlation Coefficient
Maximization", IEEE PAMI 30(10), 2008 (both as OpenCV has them).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from review.marks.pattern import Grid

# (height, width) of luma, 0 to 255.
Luma: TypeAlias = NDArray[np.float32]
# (2, 3): places in the original to places in the copy.
Affine: TypeAlias = NDArray[np.float64]
# (n, 2): x and y in pixels.
Places: TypeAlias = NDArray[np.float64]

# Pictures are compared at this height; more shows nothing that the mark needs.
WORKING = 360
_ANCHORS = 4
_LOOKED_AT = 24
_ENOUGH = 12
_SMALL = 48
# Aligned copies are this alike after any ordinary encoding.
_ALIKE = 0.975


@dataclass(frozen=True, kw_only=True)
class Alignment:
    """How a copy lies over the original.

    Attributes:
        mirrored: left and right are exchanged in the copy.
        affine: from working places of the original to those of the (unmirrored) copy.
        frames: for each frame of the copy, the number of the original's.
        likeness: correlation of aligned frames, 1 for the same picture.
    """

    mirrored: bool
    affine: Affine
    frames: tuple[int, ...]
    likeness: float


def working(picture: Luma) -> Luma:
    """*picture* at a height of 360 pixels, or as it is when it is smaller."""
    height, width = picture.shape
    if height <= WORKING:
        return picture
    size = (round(width * WORKING / height), WORKING)
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)


def align(original: Sequence[Luma], copy: Sequence[Luma]) -> Alignment:
    """Find how *copy* lies over *original*; both are frames in order, at working size.

    Guesses are tried in turn, the likeliest first, until one makes the pictures alike.
    """
    turned = {False: list(copy), True: [_flipped(frame) for frame in copy]}
    tried: list[Alignment] = []
    for mirrored, affine in _guesses(original, turned):
        tried.append(_settled(original, turned[mirrored], mirrored, affine))
        if tried[-1].likeness >= _ALIKE:
            break
    return max(tried, key=lambda alignment: alignment.likeness)


def _settled(
    original: Sequence[Luma], turned: Sequence[Luma], mirrored: bool, affine: Affine
) -> Alignment:
    frames = _timed(original, turned, affine)
    first = _likeness(original, turned, affine, frames)
    for blur in (3.0, 1.0):
        better = _refined(original, turned, affine, frames, blur=blur)
        likeness = _likeness(original, turned, better, frames)
        if likeness > first:
            first, affine = likeness, better
            frames = _timed(original, turned, affine)
    return Alignment(
        mirrored=mirrored,
        affine=affine,
        frames=frames,
        likeness=_likeness(original, turned, affine, frames),
    )


def laid_over(frame: Luma, alignment: Alignment, *, shape: tuple[int, int]) -> tuple[Luma, Luma]:
    """*frame* of the copy in the place of the original, and where it covers it (0 to 1).

    Args:
        shape: (height, width) of the original at working size.
    """
    turned = _flipped(frame) if alignment.mirrored else frame
    return _warped(turned, alignment.affine, shape)


def _flipped(frame: Luma) -> Luma:
    return np.ascontiguousarray(frame[:, ::-1])


def _warped(frame: Luma, affine: Affine, shape: tuple[int, int]) -> tuple[Luma, Luma]:
    size = (shape[1], shape[0])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    picture = cv2.warpAffine(frame, affine, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    covered = cv2.warpAffine(np.ones_like(frame), affine, size, flags=flags)
    return np.asarray(picture, np.float32), np.asarray(covered, np.float32)


def _spread_over(count: int, most: int) -> list[int]:
    return sorted({int(place) for place in np.linspace(0, count - 1, min(count, most)).round()})


def _features(sift: Any, frame: Luma) -> tuple[Any, Any]:
    return sift.detectAndCompute(np.clip(frame, 0, 255).astype(np.uint8), None)  # type: ignore[no-any-return]


def _guesses(
    original: Sequence[Luma], turned: Mapping[bool, Sequence[Luma]]
) -> Iterator[tuple[bool, Affine]]:
    """Mirrored or not, and an affine map: from points that both pictures show, then by rule.

    Points are looked for in a few frames; where an even picture shows none, the copy is taken to
    show the whole frame, or all but an edge of it.
    """
    sift = cv2.SIFT.create(nfeatures=800, contrastThreshold=0.015)
    known = [
        _features(sift, original[number]) for number in _spread_over(len(original), _LOOKED_AT)
    ]
    pairs: dict[bool, list[tuple[Places, Places]]] = {False: [], True: []}
    for mirrored, frames in turned.items():
        for number in _spread_over(len(frames), _ANCHORS):
            seen = _features(sift, frames[number])
            pairs[mirrored].append(
                max((_shared(one, seen) for one in known), key=lambda pair: len(pair[0]))
            )
    count = {way: sum(len(pair[0]) for pair in found) for way, found in pairs.items()}
    ways = sorted(turned, key=lambda way: -count[way])
    for mirrored in ways:
        enough = [pair for pair in pairs[mirrored] if len(pair[0]) >= _ENOUGH]
        together = [tuple(np.concatenate(side) for side in zip(*enough, strict=True))]
        for source, target in [*(together if enough else []), *pairs[mirrored]]:
            if len(source) < 4:
                continue
            affine, _used = cv2.estimateAffine2D(source, target, ransacReprojThreshold=1.5)
            if affine is not None:
                yield mirrored, np.asarray(affine, np.float64)
    height, width = original[0].shape
    for mirrored in ways:
        rows, columns = turned[mirrored][0].shape
        for kept in (1.0, 0.9, 0.95, 0.85, 0.8):
            across, down = columns / (width * kept), rows / (height * kept)
            edge = (1 - kept) / 2
            yield (
                mirrored,
                np.array([[across, 0, -edge * columns / kept], [0, down, -edge * rows / kept]]),
            )


def _shared(one: tuple[Any, Any], other: tuple[Any, Any]) -> tuple[Places, Places]:
    """Places in two pictures that show the same point and agree on one affine map."""
    none = np.empty((0, 2)), np.empty((0, 2))
    if one[1] is None or other[1] is None or len(one[1]) < 3 or len(other[1]) < 3:
        return none
    matches = cv2.BFMatcher(cv2.NORM_L2).knnMatch(one[1], other[1], k=2)
    good = [
        pair[0] for pair in matches if len(pair) == 2 and pair[0].distance < 0.8 * pair[1].distance
    ]
    if len(good) < 3:
        return none
    source = np.array([one[0][match.queryIdx].pt for match in good])
    target = np.array([other[0][match.trainIdx].pt for match in good])
    affine, used = cv2.estimateAffine2D(source, target, ransacReprojThreshold=2.0)
    if affine is None or not 0.2 < abs(np.linalg.det(affine[:, :2])) < 5:
        return none
    kept = used.ravel().astype(bool)
    return source[kept], target[kept]


def _thumbnail(frame: Luma) -> NDArray[np.float64]:
    small = cv2.resize(frame, (_SMALL, _SMALL), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float64)


def _even(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each row with mean 0 and length 1."""
    rows = rows - rows.mean(axis=1, keepdims=True)
    return np.asarray(rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-9), np.float64)


def _timed(original: Sequence[Luma], turned: Sequence[Luma], affine: Affine) -> tuple[int, ...]:
    """For each frame of the copy the original's: on a line through what looks most alike.

    A copy that was trimmed, slowed down or lost frames still shows them at an even pace.
    """
    shape = original[0].shape
    laid = [_warped(frame, affine, (shape[0], shape[1])) for frame in turned]
    covered = _thumbnail(np.minimum.reduce([cover for _frame, cover in laid])) > 0.9
    if not covered.any():
        return tuple(_spread_over(len(original), len(turned)))
    theirs = np.stack([_thumbnail(frame)[covered] for frame, _cover in laid])
    ours = np.stack([_thumbnail(frame)[covered] for frame in original])
    alike = _even(theirs) @ _even(ours).T
    count, total = alike.shape
    steps = np.arange(count)
    best = (-np.inf, 0.0, 1.0)
    for begin in range(total):
        for end in range(begin, total) if count > 1 else (begin,):
            pace = (end - begin) / (count - 1) if count > 1 else 0.0
            line = np.rint(begin + pace * steps).astype(int)
            score = alike[steps, line].mean()
            if score > best[0]:
                best = (score, float(begin), pace)
    line = best[1] + best[2] * steps
    chosen = []
    for step in steps:
        near = np.arange(
            max(0, int(np.floor(line[step])) - 1), min(total, int(np.ceil(line[step])) + 2)
        )
        chosen.append(int(near[alike[step, near].argmax()]))
    return tuple(chosen)


def _refined(
    original: Sequence[Luma],
    turned: Sequence[Luma],
    affine: Affine,
    frames: Sequence[int],
    *,
    blur: float,
) -> Affine:
    """The map to a fraction of a pixel: the mean of what a few frames each find."""
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 60, 1e-5)
    found = []
    for number in _spread_over(len(turned), _ANCHORS):
        ours = cv2.GaussianBlur(original[frames[number]], (0, 0), blur)
        theirs = cv2.GaussianBlur(turned[number], (0, 0), blur)
        # Outside the copy there is nothing to compare.
        _picture, cover = _warped(turned[number], affine, (ours.shape[0], ours.shape[1]))
        try:
            _likeness, better = cv2.findTransformECC(
                ours,
                theirs,
                affine.astype(np.float32),
                cv2.MOTION_AFFINE,
                stop,
                (cover > 0.99).astype(np.uint8),
                1,
            )
        except cv2.error:
            # It does not settle on an even picture.
            continue
        found.append(np.asarray(better, np.float64))
    if not found:
        return affine
    return np.asarray(np.median(found, axis=0), np.float64)


def _likeness(
    original: Sequence[Luma], turned: Sequence[Luma], affine: Affine, frames: Sequence[int]
) -> float:
    shape = (original[0].shape[0], original[0].shape[1])
    values = []
    for number in _spread_over(len(turned), 8):
        picture, cover = _warped(turned[number], affine, shape)
        inside = cover > 0.99
        if inside.sum() < 100:
            return 0.0
        ours, theirs = original[frames[number]][inside], picture[inside]
        if ours.std() < 1e-3 or theirs.std() < 1e-3:
            continue
        values.append(float(np.corrcoef(ours, theirs)[0, 1]))
    return float(np.mean(values)) if values else 0.0


def toned(ours: Grid, theirs: Grid, where: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Coefficients of the cubic curve that makes the original's tones the copy's.

    Args:
        ours, theirs: (n, 128, 128) luma of aligned frames.
        where: the same shape, True where the copy covers the original.
    """
    level, seen = ours[where] / 255, theirs[where] / 255
    if len(level) > 200_000:
        # Every so manieth is enough for four numbers, and the same ones each time.
        step = len(level) // 200_000 + 1
        level, seen = level[::step], seen[::step]
    keep = np.ones(len(level), bool)
    curve = np.array([0.0, 0.0, 1.0, 0.0])
    for _again in range(3):
        if np.unique(np.rint(level[keep] * 64)).size < 6:
            curve = np.array([0.0, 0.0, 1.0, float(np.mean(seen[keep] - level[keep]))])
        else:
            curve = np.polyfit(level[keep], seen[keep], 3)
        off = np.abs(seen - np.polyval(curve, level))
        keep = off <= np.quantile(off, 0.9)
    return curve

"""Drawings on a picture, as vectors: what a browser sends, checked and made plain.

A drawing is a list of shapes, ``{"tool": "pen", "points": [[x, y], …]}``; ``arrow`` goes from the
first of its two points to the second, ``box`` has them as opposite corners. Coordinates are whole
ten-thousandths of the picture's width and height, from its upper left corner.
"""

from __future__ import annotations

import json
from typing import Any

from review.note_errors import DrawingMisformed, DrawingTooLarge

SIDE = 10_000
# Of the JSON, in characters, and of what is in it.
LONGEST, MOST_SHAPES, MOST_POINTS = 100_000, 100, 5_000
TOOLS = {"pen": range(2, MOST_POINTS + 1), "arrow": range(2, 3), "box": range(2, 3)}

Shape = dict[str, Any]


def read(text: str) -> list[Shape]:
    """The shapes of *text*; none for an empty one.

    Raises:
        DrawingTooLarge, DrawingMisformed
    """
    if not text.strip():
        return []
    if len(text) > LONGEST:
        raise DrawingTooLarge
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DrawingMisformed from error
    if not isinstance(found, list):
        raise DrawingMisformed
    shapes = [_shape(one) for one in found]
    if len(shapes) > MOST_SHAPES or sum(len(one["points"]) for one in shapes) > MOST_POINTS:
        raise DrawingTooLarge
    return shapes


def _shape(given: object) -> Shape:
    if not isinstance(given, dict) or set(given) != {"tool", "points"}:
        raise DrawingMisformed
    tool, points = given["tool"], given["points"]
    if not isinstance(tool, str) or tool not in TOOLS or not isinstance(points, list):
        raise DrawingMisformed
    if len(points) not in TOOLS[tool] or not all(_is_point(point) for point in points):
        raise DrawingMisformed
    return {"tool": tool, "points": points}


def _is_point(given: object) -> bool:
    return (
        isinstance(given, list)
        and len(given) == 2
        and all(type(number) is int and 0 <= number <= SIDE for number in given)
    )

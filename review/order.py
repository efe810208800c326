"""The one order of what waits: due hour, then one turn for every artist, then due time.

The queue, *Next*, what an artist reads of those before them, and the cursor between two pages all
take it from here; ``facts._NEWEST`` says it in SQL.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import connection
from django.db.models import BooleanField, F, Func, Max, Value

from review.models import Review
from review.models.review import hour_of

if TYPE_CHECKING:
    from portal.models import User

WAITING = ("due_hour", "turn", "due_at", "id")
DECIDED = ("-closed_at", "-id")


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a review stands among those that wait."""

    due_at: datetime
    turn: int
    review_id: int

    @classmethod
    def of(cls, review: Review) -> Self:
        return cls(due_at=review.due_at, turn=review.turn, review_id=review.pk)

    @property
    def key(self) -> tuple[datetime, int, datetime, int]:
        """What ``WAITING`` names, of this one."""
        return hour_of(self.due_at), self.turn, self.due_at, self.review_id


def behind(place: Place) -> Func:
    """A condition: the reviews that come after *place*."""
    return _compared(WAITING, ">", place.key)


def before(place: Place) -> Func:
    """A condition: the reviews that come before *place*."""
    return _compared(WAITING, "<", place.key)


def decided_before(moment: datetime, review_id: int) -> Func:
    """A condition: what was decided before this one was, and so stands behind it."""
    return _compared(("closed_at", "id"), "<", (moment, review_id))


def decided_after(moment: datetime, review_id: int) -> Func:
    """A condition: what was decided after this one was, and so stands before it."""
    return _compared(("closed_at", "id"), ">", (moment, review_id))


def _compared(names: Sequence[str], sign: str, values: Sequence[datetime | int]) -> Func:
    # One comparison of rows, which an index answers; a chain of AND and OR reads all in between.
    return Func(
        Func(*(F(name) for name in names), function="ROW"),
        Func(*(Value(value) for value in values), function="ROW"),
        template="%(expressions)s",
        arg_joiner=f" {sign} ",
        output_field=BooleanField(),
    )


def next_turn(artist: User, due_at: datetime) -> int:
    """The turn of what *artist* hands in, due at *due_at*: one behind their last of that hour.

    Call it inside the transaction that hands in; until its end nothing else of theirs passes.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"turns of {artist.pk}"]
        )
    waiting = Review.objects.waiting().filter(artist=artist, due_hour=hour_of(due_at))
    last: int | None = waiting.aggregate(last=Max("turn"))["last"]
    return (last or 0) + 1

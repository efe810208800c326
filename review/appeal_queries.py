"""Reads about appeals. Nothing here writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.numbers import COUNTED
from review import appeal_access
from review.models import Appeal

if TYPE_CHECKING:
    from portal.models import User
    from review.models import Review
    from review.models.appeal import AppealQuerySet

PAGE = 25
SHOWN_CLOSED = 25


def count_for(user: User) -> int:
    """The number beside the tab: what *user* could decide now, bounded."""
    return appeal_access.decidable_by(user).order_by("due_at", "id")[:COUNTED].count()


def page_for(user: User, *, after: Appeal | None = None) -> tuple[list[Appeal], bool]:
    """One page of what *user* could decide, due first, and whether more follows.

    Args:
        after: the last one of the page before.
    """
    appeals = _rows(appeal_access.decidable_by(user)).order_by("due_at", "id")
    if after is not None:
        later = appeals.filter(due_at__gt=after.due_at)
        appeals = later | appeals.filter(due_at=after.due_at, pk__gt=after.pk)
    found = list(appeals[: PAGE + 1])
    return found[:PAGE], len(found) > PAGE


def newest_of(review: Review, user: User) -> Appeal | None:
    """The newest appeal of *review*, where *user* may see it."""
    return appeal_access.visible_to(user).filter(review=review).order_by("-id").first()


def closed_for(user: User) -> list[Appeal]:
    """The newest of those that ended."""
    ended = appeal_access.visible_to(user).filter(closed_at__isnull=False)
    return list(_rows(ended).order_by("-closed_at", "-id")[:SHOWN_CLOSED])


def _rows(appeals: AppealQuerySet) -> AppealQuerySet:
    return appeals.select_related(
        "review__clip", "artist", "cohort", "decision__reviewer", "decided_by"
    )

"""Two clips beside each other: which may be met together, and what to offer."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from generation.models import Clip
from review import access, queries
from review.models import Review

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from portal.models import User

# Of each kind; any other clip is compared by its address.
OFFERED = 20


def comparable(user: User) -> QuerySet[Clip]:
    """Finished clips whose originals *user* meets at the desk."""
    met = access.visible_to(user).order_by().values("clip")
    return Clip.objects.ready().filter(pk__in=met)


def partners(user: User, review: Review) -> list[Clip]:
    """What to compare the clip of *review* with: its source, what came from it, other takes."""
    clip = review.clip
    relatives = {clip.source_id} if clip.source_id is not None else set[UUID]()
    relatives |= set(
        Clip.objects.filter(source=clip).order_by().values_list("pk", flat=True)[:OFFERED]
    )
    takes = [other.clip_id for other in queries.other_takes(review)[:OFFERED]]
    found = comparable(user).filter(pk__in=relatives.union(takes)).exclude(pk=clip.pk)
    return list(found.order_by("created_at", "pk"))

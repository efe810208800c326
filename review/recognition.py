"""Whether a file shows a clip of this programme, and who is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db import connection

from generation.models import Clip
from review import access
from review.models import Decision, Fingerprint, Review
from review.release import standing_approval
from review.states import UNSEEN_BY_STAFF

if TYPE_CHECKING:
    from portal.models import User

# Of 64 bits. Two unrelated pictures differ in about 32; fewer than 8 by chance in one pair of
# 4,000 million.
NEAR = 7
_ALIKE = """
    SELECT fingerprint.clip_id, count(*)
    FROM review_fingerprint fingerprint, unnest(%(pictures)s::bigint[]) asked(picture)
    WHERE EXISTS (
        SELECT FROM unnest(fingerprint.pictures) known(picture)
        WHERE bit_count((known.picture # asked.picture)::bit(64)) <= %(near)s
    )
    GROUP BY fingerprint.clip_id
    ORDER BY 2 DESC, 1
    LIMIT 5
"""


@dataclass(frozen=True, kw_only=True)
class Recognised:
    """A clip of ours, as far as who asks may know of it.

    Attributes:
        is_exact: the very pictures, not only alike ones.
        released_at: since when it may leave; None for one that may not.
        clip, review: for staff who meet it at the desk; None for everybody else.
    """

    is_exact: bool
    released_at: datetime | None
    clip: Clip | None = None
    review: Review | None = None


def recognise(
    viewer: User | AnonymousUser, *, exact: Sequence[str], pictures: Sequence[int]
) -> Recognised | None:
    """The clip that a file with these fingerprints shows, if *viewer* may know that it is one.

    Released clips before others, exact ones before alike ones. A clip that was not released is
    known to the staff who meet it, and to nobody else.
    """
    found = [
        *((pk, True) for pk in _exactly(exact)),
        *((pk, False) for pk in _alike(pictures)),
    ]
    clips = Clip.objects.filter(pk__in=[pk for pk, _is in found]).select_related("artist")
    by_id = {clip.pk: clip for clip in clips.kept()}
    known = [
        told
        for pk, is_exact in found
        if pk in by_id and (told := _told(viewer, by_id[pk], is_exact)) is not None
    ]
    return min(known, key=lambda told: (not told.is_exact, told.released_at is None), default=None)


def _exactly(exact: Sequence[str]) -> list[UUID]:
    rows = Fingerprint.objects.filter(exact__overlap=list(exact)).order_by("pk")
    return list(rows.values_list("clip_id", flat=True)[:5]) if exact else []


def _alike(pictures: Sequence[int]) -> list[UUID]:
    if not pictures:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_ALIKE, {"pictures": list(pictures), "near": NEAR})
        return [clip_id for clip_id, _count in cursor.fetchall()]


def _told(viewer: User | AnonymousUser, clip: Clip, is_exact: bool) -> Recognised | None:
    decision = standing_approval(clip)
    released_at = decision.decided_at if decision is not None else None
    if isinstance(viewer, AnonymousUser) or not viewer.is_active:
        review = None
    else:
        review = _at_the_desk(viewer, clip)
    if review is None and released_at is None:
        return None
    return Recognised(
        is_exact=is_exact,
        released_at=released_at,
        clip=clip if review is not None else None,
        review=review,
    )


def _at_the_desk(viewer: User, clip: Clip) -> Review | None:
    if clip.artist_id == viewer.pk or not access.meets(viewer, clip.artist_id, clip.cohort_id):
        return None
    reviews = Review.objects.filter(clip=clip).exclude(state__in=UNSEEN_BY_STAFF)
    return reviews.order_by("-pk").first()


def approval_stands(decision_id: object, *, sha256: object) -> bool | None:
    """Whether the approval that a credential of ours names stands; None when there is none such."""
    if not isinstance(decision_id, int) or isinstance(decision_id, bool):
        return None
    decision = (
        Decision.objects.filter(pk=decision_id, sha256=str(sha256))
        .select_related("review__clip")
        .first()
    )
    if decision is None:
        return None
    return standing_approval(decision.review.clip) is not None

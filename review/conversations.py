"""Reads of the conversation about a clip. Nothing here writes."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from portal.duties import Duty, people_for
from portal.models import User
from review.models import Claim, Conflict, Decision, Message, Reading, Review
from review.states import UNSEEN_BY_STAFF

if TYPE_CHECKING:
    from generation.models import Clip

# The newest are shown; the takeout has all.
SHOWN = 200


def messages_of(clip: Clip) -> list[Message]:
    """The newest ``SHOWN`` messages, oldest first."""
    newest = Message.objects.filter(clip=clip).select_related("author").order_by("-id")[:SHOWN]
    return list(newest)[::-1]


def is_open(clip: Clip) -> bool:
    """Whether something can be written: the clip exists, and the team has or had it before it."""
    seen = Review.objects.filter(clip=clip).exclude(state__in=UNSEEN_BY_STAFF)
    return clip.deleted_at is None and seen.exists()


def unread_by(person: User) -> QuerySet[Message]:
    """What others wrote since *person* last looked at each conversation."""
    upto = Reading.objects.filter(person=person, clip=OuterRef("clip")).values("upto")
    return (
        Message.objects.exclude(author=person)
        .alias(upto=Coalesce(Subquery(upto), Value(0)))
        .filter(Q(pk__gt=F("upto")))
    )


def unread_counts(person: User, clip_ids: Collection[UUID]) -> dict[UUID, int]:
    """How much of each conversation is new to *person*; those without anything new are absent."""
    counted = (
        unread_by(person)
        .filter(clip__in=clip_ids)
        .order_by()
        .values("clip")
        .annotate(number=Count("pk"))
    )
    return {row["clip"]: row["number"] for row in counted}


def involved_in(clip: Clip) -> QuerySet[User]:
    """Who of the team has the clip open, decided about it or wrote of it, and may still see it."""
    took_part = (
        Q(pk__in=Claim.objects.live().filter(review__clip=clip).order_by().values("reviewer"))
        | Q(pk__in=Decision.objects.filter(review__clip=clip).order_by().values("reviewer"))
        | Q(pk__in=Message.objects.filter(clip=clip).order_by().values("author"))
    )
    return team_of(clip).filter(took_part)


def team_of(clip: Clip) -> QuerySet[User]:
    """Everyone who meets the clip at the desk."""
    conflicts = Conflict.objects.live().filter(artist=clip.artist_id).order_by().values("person")
    return (
        people_for(Duty.LOOK, clip.cohort_id).exclude(pk=clip.artist_id).exclude(pk__in=conflicts)
    )

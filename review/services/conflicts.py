"""Conflicts of interest: declared, and ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.errors import NotAllowed
from portal.services import audit
from review import conflict_access
from review.conflict_errors import ConflictReasonMissing, NoConflictPossible
from review.models import Claim, Conflict

if TYPE_CHECKING:
    from portal.models import User


def declare(*, actor: User, person: User, artist: User, reason: str) -> Conflict:
    """From here on *person* meets no review of *artist*; what they have open goes back.

    Saying it again while it is on record gives that one.

    Raises:
        NotAllowed: the actor may not say it for that colleague.
        NoConflictPossible: the two never meet, or are one.
        ConflictReasonMissing
    """
    reason = reason.strip()
    if person.pk != actor.pk and not conflict_access.speaks_for(actor, person, artist):
        raise NotAllowed
    if not conflict_access.artists_of(person).filter(pk=artist.pk).exists():
        raise NoConflictPossible(field="artist")
    if not reason:
        raise ConflictReasonMissing(field="reason")
    with transaction.atomic():
        known = Conflict.objects.live().filter(person=person, artist=artist).first()
        if known is not None:
            return known
        now = timezone.now()
        try:
            with transaction.atomic():
                conflict = Conflict.objects.create(
                    person=person,
                    artist=artist,
                    reason=reason,
                    declared_by=actor,
                    declared_at=now,
                )
        except IntegrityError:
            return Conflict.objects.live().get(person=person, artist=artist)
        Claim.objects.unreleased().filter(reviewer=person, artist=artist).update(released_at=now)
        audit.record(
            actor=actor,
            action="review.conflict_declared",
            target=conflict,
            after={"person": person.pk, "artist": artist.pk},
            reason=reason,
        )
        return conflict


def end(*, actor: User, conflict: Conflict) -> Conflict:
    """It is over: the person meets the artist's reviews again. Twice does it once.

    Raises:
        NotAllowed: one that a lead or admin declared is theirs to end, not the person's.
    """
    with transaction.atomic():
        locked = (
            Conflict.objects.select_for_update(no_key=True, of=("self",))
            .select_related("person", "artist")
            .get(pk=conflict.pk)
        )
        if not conflict_access.may_end(actor, locked):
            raise NotAllowed
        if not locked.is_live:
            return locked
        locked.ended_at, locked.ended_by = timezone.now(), actor
        locked.save(update_fields=["ended_at", "ended_by"])
        audit.record(
            actor=actor,
            action="review.conflict_ended",
            target=locked,
            after={"person": locked.person_id, "artist": locked.artist_id},
        )
        return locked
